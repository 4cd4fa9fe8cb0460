// Registration: binds a contract to the function that runs it, for the roles that may.
import type {
  AnyContract,
  AnyEvent,
  CommandContract,
  EventContract,
  JobContract,
  QueryContract,
} from '../contracts/contract.ts'
import type { Category, Kind, RejectedBy } from '../contracts/messages.ts'
import { checkOptions } from '../schema/options.ts'
import { ContractError } from './contract-error.ts'
import type { Recorder } from './recorder.ts'
import { declareEvent, enlist } from './enlist.ts'
import type { Registry } from './registry.ts'
import type { AllowedRole } from './roles.ts'
import type { RunContext, SubscriberContext } from './run-context.ts'

type Awaitable<T> = T | Promise<T>

export interface RegisterOptions {
  /**
   * The roles that may run it; `any` opts in to all. Default: a command or query runs for no concrete role,
   * a job or subscriber for every role.
   */
  readonly roles?: readonly AllowedRole[] | undefined
}
export interface RegisterCommandOptions extends RegisterOptions {
  /** Events without a subscriber here that the handler emits: known ones are validated and carry their schema version. */
  readonly emits?: readonly AnyEvent[] | undefined
}

/**
 * Registers the one handler of a command. It returns the result or a rejection, and may emit while it runs.
 * Errors: `nil_handler`, `unsupported_handler`, `duplicate_handler`. Reference: docs/reference/contracts.md.
 */
export function registerCommand<Type extends string, In, Result, Rejections, Parsed>(
  registry: Registry,
  contract: CommandContract<Type, In, Result, Rejections, Parsed>,
  handler: (input: Parsed, recorder: Recorder) => Awaitable<Result | RejectedBy<Rejections>>,
  options: RegisterCommandOptions = {},
): void {
  checkOptions(options, ['roles', 'emits'], 'registerCommand')
  for (const event of options.emits ?? []) declareEvent(registry, event)
  register(registry, 'command', undefined, contract, handler, options)
}

/** Registers the one handler of a query. Errors: as `registerCommand`. Reference: docs/reference/contracts.md. */
export function registerQuery<Type extends string, In, Result, Parsed>(
  registry: Registry,
  contract: QueryContract<Type, In, Result, Parsed>,
  handler: (input: Parsed, run: RunContext) => Awaitable<Result>,
  options: RegisterOptions = {},
): void {
  checkOptions(options, ['roles'], 'registerQuery')
  register(registry, 'query', undefined, contract, handler, options)
}

/** Registers the one handler of a job. Errors: as `registerCommand`. Reference: docs/reference/contracts.md. */
export function registerJob<Type extends string, In, Parsed>(
  registry: Registry,
  contract: JobContract<Type, In, Parsed>,
  handler: (input: Parsed, run: RunContext) => Awaitable<void>,
  options: RegisterOptions = {},
): void {
  checkOptions(options, ['roles'], 'registerJob')
  register(registry, 'job', undefined, contract, handler, options)
}

/**
 * Registers one more subscriber of a domain event; subscribers run in order of registration.
 * Errors: `nil_handler`, `unsupported_handler`. Reference: docs/reference/contracts.md.
 */
export function registerDomainEvent<Type extends string, Data>(
  registry: Registry,
  contract: EventContract<'domain', Type, Data>,
  subscriber: (data: Data, run: SubscriberContext) => Awaitable<void>,
  options: RegisterOptions = {},
): void {
  checkOptions(options, ['roles'], 'registerDomainEvent')
  register(registry, 'event', 'domain', contract, subscriber, options)
}

/** Registers one more subscriber of an integration event. Errors: as `registerDomainEvent`. Reference: docs/reference/contracts.md. */
export function registerIntegrationEvent<Type extends string, Data>(
  registry: Registry,
  contract: EventContract<'integration', Type, Data>,
  subscriber: (data: Data, run: SubscriberContext) => Awaitable<void>,
  options: RegisterOptions = {},
): void {
  checkOptions(options, ['roles'], 'registerIntegrationEvent')
  register(registry, 'event', 'integration', contract, subscriber, options)
}

/** Registers one more subscriber of a presentation event: output only. Errors: as `registerDomainEvent`. Reference: docs/reference/contracts.md. */
export function registerPresentationEvent<Type extends string, Data>(
  registry: Registry,
  contract: EventContract<'presentation', Type, Data>,
  subscriber: (data: Data, run: SubscriberContext) => Awaitable<void>,
  options: RegisterOptions = {},
): void {
  checkOptions(options, ['roles'], 'registerPresentationEvent')
  register(registry, 'event', 'presentation', contract, subscriber, options)
}

function register(
  registry: Registry,
  kind: Kind,
  category: Category | undefined,
  contract: AnyContract & { readonly category?: Category },
  handler: unknown,
  { roles }: RegisterOptions,
): void {
  const received = contract as typeof contract | undefined | null
  if (received?.kind !== kind || received.category !== category) throw wrongContract([category, kind], received)
  if (typeof handler !== 'function') {
    throw new ContractError(
      'nil_handler',
      contract.type,
      `Expected the handler of ${contract.type} to be a function, received ${typeof handler}.`,
    )
  }
  enlist(registry, contract, handler, roles)
}

function wrongContract(
  expected: readonly (string | undefined)[],
  received: { kind: Kind; type: string; category?: Category } | undefined | null,
): ContractError {
  const words = (parts: readonly (string | undefined)[]): string => parts.filter((part) => part !== undefined).join(' ')
  const got =
    received === undefined || received === null ? 'none' : words([received.category, received.kind, received.type])
  return new ContractError(
    'unsupported_handler',
    received?.type ?? '',
    `Expected the contract of a ${words(expected)}, received ${got}.`,
  )
}
