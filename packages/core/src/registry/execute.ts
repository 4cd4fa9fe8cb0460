// Running a query or a job: handler present, role, payload, run.
import type { Job, Kind, Query, Role } from '../contracts/messages.ts'
import { observationNames } from '../observation/observation-names.ts'
import { emptyContext } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import { ContractError } from './contract-error.ts'
import type { Entry } from './entry.ts'
import { admit, heldBy, observeEntry } from './registry.ts'
import type { Registry } from './registry.ts'
import { RunScope } from './run-context.ts'
import type { RunContext } from './run-context.ts'

/** On whose behalf something runs. */
export interface RunOptions {
  /** The role of the process or caller; without one, in tests and scripts, roles are not checked. */
  readonly role?: Role | undefined
  /** Who asks; default: nobody in particular. */
  readonly context?: RequestContext | undefined
  /** Refuses to begin when aborted; handed on to what runs. Default: never aborts. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs the handler of a query and returns its result, as the result's schema parses it.
 * Errors: `nil_handler`, `unsupported_handler`, `missing_handler`, `role_not_allowed`, `invalid_input`, `invalid_output`; the handler's own unchanged.
 * Reference: docs/reference/contracts.md.
 */
export async function executeQuery<Type extends string, In, Result>(
  registry: Registry,
  query: Query<Type, In, Result>,
  options: RunOptions = {},
): Promise<Result> {
  const { role, context = emptyContext, signal } = options
  const entry = admitMessage(registry, 'query', query, role)
  const { type, input: schema, result } = entry.contract
  let input = parse(schema, query.data, 'invalid_input', type)
  if (input instanceof Promise) input = await input
  signal?.throwIfAborted()
  observeEntry(registry, observationNames.executeQuery, entry, role)
  const output = await handlerOf(entry)(input, new RunScope(context, signal))
  return parse(result, output, 'invalid_output', `the result of ${type}`) as Result | Promise<Result>
}

/**
 * Runs the handler of a job.
 * Errors: `nil_handler`, `unsupported_handler`, `missing_handler`, `role_not_allowed`, `invalid_input`; the handler's own unchanged.
 * Reference: docs/reference/contracts.md.
 */
export async function executeJob<Type extends string, In>(
  registry: Registry,
  job: Job<Type, In>,
  options: RunOptions = {},
): Promise<void> {
  const { role, context = emptyContext, signal } = options
  const entry = admitMessage(registry, 'job', job, role)
  let input = parse(entry.contract.input, job.data, 'invalid_input', entry.contract.type)
  if (input instanceof Promise) input = await input
  signal?.throwIfAborted()
  observeEntry(registry, observationNames.executeJob, entry, role)
  await handlerOf(entry)(input, new RunScope(context, signal))
}

/** `admit` for a message: it must be of this kind. Errors: as `admit`, and `unsupported_handler`. */
export function admitMessage(
  registry: Registry,
  kind: 'command' | 'query' | 'job',
  message: { readonly kind: Kind; readonly type: string },
  role: Role | undefined,
): Entry {
  const received = message as typeof message | undefined | null
  if (received?.kind === kind) return admit(registry, kind, received.type, role)
  heldBy(registry)
  const got = received === undefined || received === null ? 'nothing' : `the ${received.kind} ${received.type}`
  throw new ContractError(
    'unsupported_handler',
    received?.type ?? '',
    `Expected a ${kind}, made by calling its contract, received ${got}.`,
  )
}

/** The function that was registered. Errors: `nil_handler` when something else was. */
export function handlerOf({ contract, handler }: Entry): (input: unknown, run: RunContext) => unknown {
  if (typeof handler === 'function') return handler as (input: unknown, run: RunContext) => unknown
  throw new ContractError(
    'nil_handler',
    contract.type,
    `Expected the handler of ${contract.type} to be a function, received ${typeof handler}. Was it registered for an app?`,
  )
}
