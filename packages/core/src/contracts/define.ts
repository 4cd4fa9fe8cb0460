// The functions that define contracts: command, query, job and the three kinds of event.
import { checkOptions } from '../schema/options.ts'
import type { MustBeJson, MustBeStorable, Schema } from '../schema/schema.ts'
import type {
  CommandContract,
  ContractParts,
  DomainEventContract,
  EventContract,
  JobContract,
  QueryContract,
  RejectionOption,
} from './contract.ts'
import type { ContractType, Rejected } from './messages.ts'
import { checkJobSettings, jobSettingNames } from './check-job-options.ts'
import type { JobOptions, JobSettings } from './job-options.ts'
import { checkPersonal } from './personal.ts'
import type { PersonalAfter, PersonalFields, PersonalParts } from './personal.ts'

/** A field of an input as it arrives, of any kind of a union; of the parsed one where a schema does not say what it takes. */
type InputField<In, Parsed> = unknown extends In ? FieldOf<Parsed> : FieldOf<In>
type FieldOf<Data> = Data extends unknown ? keyof Data : never

/**
 * Defines a command: something that a caller wants done.
 * @param type `Domain.Type`, stable and unique: also the permission's, the route's and the wire's name.
 * @param options `input` and `result` schemas; `rejections`: code to reason, with a schema when the code carries details;
 *   `redact`: marks fields of the input as it arrives as secret or personal, for whoever shows or records payloads; `anonymousKeys`: callers without an account may use idempotency keys;
 *   `secretResult`: the result, such as a token, is told once and stored nowhere, so callers can choose neither key nor command id;
 *   `description` of the permission of this name; `audited`: every outcome is in the audit log.
 * Reference: docs/reference/messages.md.
 */
export function command<
  const Type extends ContractType,
  In = void,
  Parsed = In,
  Result = void,
  const Options extends { readonly [code: string]: RejectionOption } = {},
>(
  type: Type,
  options: {
    readonly input?: Schema<In, Parsed>
    readonly result?: Schema<unknown, Result> & MustBeJson<Result>
    readonly resultName?: string
    readonly rejections?: Options
    readonly redact?: { readonly [K in InputField<In, Parsed>]?: 'secret' | 'personal' }
    readonly anonymousKeys?: boolean
    readonly secretResult?: boolean
    readonly description?: string
    readonly audited?: boolean
  } = {},
): CommandContract<
  Type,
  In,
  Result,
  // In place and without a name: under a name hovers and declarations would show the schemas of the details.
  {
    -readonly [Code in keyof Options]: Options[Code] extends { readonly details: Schema<infer _, infer Details> }
      ? Details
      : undefined
  },
  Parsed
> {
  checkOptions(options, commandOptions, `command('${type}')`)
  const { rejections } = options
  return define(
    { ...options, kind: 'command', type, resultName: nameOfResult(type, options) },
    {
      reject: (code: string, details?: unknown): Rejected<string, unknown> => {
        const option = rejections?.[code]
        if (option === undefined)
          throw new Error(`${type} has no rejection "${code}". Declare it in the contract's rejections.`)
        return { rejected: true, code, reason: typeof option === 'string' ? option : option.reason, details }
      },
      accept: (messages: readonly unknown[], result: unknown) => ({ accepted: true, messages, result }),
    },
  )
}

/**
 * Defines a query: a question that changes nothing.
 * @param options `history: false`: callers may not ask for the history of what the answer shows, because events say more than the result;
 *   `description` of the permission of this name; `audited`: every answer is in the audit log.
 * Reference: docs/reference/messages.md.
 */
export function query<const Type extends ContractType, Result, In = void, Parsed = In>(
  type: Type,
  options: {
    readonly input?: Schema<In, Parsed>
    readonly result: Schema<unknown, Result> & MustBeJson<Result>
    readonly resultName?: string
    readonly history?: false
    readonly description?: string
    readonly audited?: boolean
  },
): QueryContract<Type, In, Result, Parsed> {
  checkOptions(options, ['input', 'result', 'resultName', 'history', 'description', 'audited'], `query('${type}')`)
  return define({ ...options, kind: 'query', type, resultName: nameOfResult(type, options) })
}

/**
 * Defines a job: work that is done apart from the caller, later or on a schedule.
 * @param options `input`: its schema; `redact`: marks fields of it as secret or personal, for whoever shows payloads; the others say how
 *   all jobs of this type are run, and the second argument of a message how one is.
 * Errors: plain ones and a `RangeError`, at set-up. Reference: docs/reference/jobs.md.
 */
export function job<const Type extends ContractType, In = void, Parsed = In>(
  type: Type,
  options: JobSettings & {
    readonly input?: Schema<In, Parsed>
    readonly redact?: { readonly [K in InputField<In, Parsed>]?: 'secret' | 'personal' }
  } = {},
): JobContract<Type, In, Parsed> {
  const { input, redact, ...settings } = options
  checkOptions(options, ['input', 'redact', ...jobSettingNames], `job('${type}')`)
  checkJobSettings(settings, `job('${type}')`)
  return define({
    ...(input !== undefined && { input }),
    ...(redact !== undefined && { redact }),
    kind: 'job',
    type,
    settings,
  })
}

/**
 * Defines a domain event: something that happened, kept in the log for ever. The schema must not transform.
 * @param options `personal`: the fields that are about a person, and the field that holds this person's id (default: the aggregate's
 *   id). They are stored sealed, and handlers see them as they are or `Erased`.
 * Reference: docs/reference/messages.md, docs/reference/erasure.md.
 */
export function event<const Type extends ContractType, In, Data, const Said extends PersonalFields<Data> = never>(
  type: Type,
  schema: Schema<In, Data> & MustBeStorable<In, Data>,
  options: { readonly personal?: Said | undefined } = {},
): DomainEventContract<Type, Data, PersonalAfter<Said, never>> {
  checkOptions(options, ['personal'], `event('${type}')`)
  return domainEvent(type, schema, [], checkPersonal(type, options.personal))
}

/** Defines an event for other apps: stored in the outbox with the commit, then sent. Reference: docs/reference/messages.md. */
export function integrationEvent<const Type extends ContractType, In, Data>(
  type: Type,
  schema: Schema<In, Data> & MustBeStorable<In, Data>,
): EventContract<'integration', Type, Data> {
  return define({ kind: 'event', category: 'integration', type, schema, schemaVersion: 1, upcasts: [] })
}

/**
 * Defines an event for browsers: sent after the commit, not stored, never accepted as input.
 * @param options `audience`: the labels that a client must all hold to see it, made of its data; default: everyone of the tenant.
 * Reference: docs/reference/messages.md.
 */
export function presentationEvent<const Type extends ContractType, In, Data>(
  type: Type,
  schema: Schema<In, Data> & MustBeStorable<In, Data>,
  options: { readonly audience?: ((data: NoInfer<Data>) => readonly string[]) | undefined } = {},
): EventContract<'presentation', Type, Data> {
  checkOptions(options, ['audience'], `presentationEvent('${type}')`)
  const parts = { kind: 'event', category: 'presentation', type, schema, schemaVersion: 1, upcasts: [] } as const
  const audience = options.audience as ContractParts['audience']
  return define(audience === undefined ? parts : { ...parts, audience })
}

function domainEvent<Contract>(
  type: string,
  schema: Schema<unknown, unknown>,
  upcasts: readonly ((old: unknown) => unknown)[],
  personal: PersonalParts | undefined,
): Contract {
  const parts = { kind: 'event', category: 'domain', type, schema, schemaVersion: upcasts.length + 1, upcasts } as const
  return define(personal === undefined ? parts : { ...parts, personal }, {
    revise: (
      next: Schema<unknown, unknown>,
      upcast: (old: unknown) => unknown,
      options: { readonly personal?: PersonalParts | 'none' | undefined } = {},
    ) => {
      checkOptions(options, ['personal'], `revise(...) of ${type}`)
      return domainEvent(type, next, [...upcasts, upcast], checkPersonal(type, options.personal ?? personal))
    },
  })
}

const commandOptions = [
  'input',
  'result',
  'resultName',
  'rejections',
  'redact',
  'anonymousKeys',
  'secretResult',
  'description',
  'audited',
] as const

function nameOfResult(
  type: string,
  options: { readonly result?: unknown; readonly resultName?: string },
): string | undefined {
  return options.resultName ?? (options.result === undefined ? undefined : `${type}Result`)
}

const namePattern = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+$/

function define<Contract>(parts: Omit<ContractParts, 'input' | 'redact'> & object, methods: object = {}): Contract {
  const { kind, type, category } = parts
  if (!namePattern.test(type))
    throw new Error(
      `Expected a contract's name like "Order.Place" (letters and digits, parts joined by dots), received "${type}".`,
    )
  // One shape per kind of message, so that the engine reads all of them through the same hidden class.
  return Object.assign(maker(kind, type, category), parts, methods) as Contract
}

function maker(kind: ContractParts['kind'], type: string, category: ContractParts['category'] | undefined): object {
  if (kind === 'job')
    return (data?: unknown, options?: JobOptions) =>
      options === undefined ? { kind, type, data } : { kind, type, data, options }
  if (category === undefined) return (data?: unknown) => ({ kind, type, data })
  return (data?: unknown) => ({ kind, category, type, data })
}
