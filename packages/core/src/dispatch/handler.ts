// Handlers in the general form: commands that load several aggregates, queries and jobs; and what they may do.
import type { Aggregate } from '../aggregates/aggregate.ts'
import { partsOf } from '../contracts/contract.ts'
import type {
  AnyContract,
  CommandContract,
  ContractParts,
  Handler,
  JobContract,
  QueryContract,
} from '../contracts/contract.ts'
import type { Command, Outgoing, Query, Rejected, RejectedBy, Role } from '../contracts/messages.ts'
import type { Token } from '../contracts/recorded-event.ts'
import type { HistoryOptions, HistoryPage } from '../read-models/history.ts'
import type { Readable } from '../read-models/read-model.ts'
import type { Recorder } from '../registry/recorder.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { checkOptions } from '../schema/options.ts'
import type { JsonValue } from '../schema/schema.ts'
import type { AuditNote } from './auditing.ts'
import type { HandlerCache } from './caching.ts'
import type { SentOptions } from './options.ts'

/** What a command ended in. The token names what the decision saw or stored: give it to a query as `after`. */
export type Outcome<Result, Rejections> =
  | {
      readonly ok: true
      readonly result: Result
      readonly token: Token
      readonly commandId: string
      readonly version: number | undefined
    }
  | {
      readonly ok: false
      readonly rejection: RejectedBy<Rejections>
      readonly token: Token
      readonly commandId: string
      readonly version: number | undefined
    }

/** An aggregate as a command handler sees it. Loading it makes its version a condition of the commit. */
export interface Loaded<State, Events> {
  readonly id: string
  readonly version: number
  /** The state when it was loaded; what this handler emits does not change it. */
  readonly state: State
  emit(...events: readonly [Events, ...Events[]]): void
}
export interface HandlerContext {
  readonly context: RequestContext
  /** Aborts at the deadline, or when the caller gives up. A stopping app waits for what runs. */
  readonly signal: AbortSignal
  /** RFC 3339, UTC: when the message arrived. */
  readonly now: string
  /** What its transport noted of the request, such as `address` and `userAgent`; nobody has checked what a caller says of itself. */
  readonly metadata: { readonly [name: string]: string } | undefined
  newId(): string
  /** A read model's reader; its methods wait for the query's `after`. */
  read<Reader>(model: Readable<Reader>): Reader
  query<Result>(query: Query<string, unknown, Result>): Promise<Result>
  /** What happened to an aggregate, newest first, as the log has it now. No read model is needed. Reference: docs/reference/history.md. */
  history<Name extends string, State, Events>(
    aggregate: Aggregate<Name, State, Events>,
    id: string,
    options?: HistoryOptions,
  ): Promise<HistoryPage>
}
/** What a query's handler may do. */
export interface QueryContext extends HandlerContext {
  /** What was loaded before and is still so, of the query's tenant. Reference: docs/reference/cache.md. */
  readonly cache: HandlerCache
}
/** Also a recorder: the registry's emit functions take it. A domain event emitted so goes to the command's own stream. */
export interface CommandContext extends HandlerContext, Recorder {
  load<Name extends string, State, Events>(
    aggregate: Aggregate<Name, State, Events>,
    id: string,
  ): Promise<Loaded<State, Events>>
  /** Integration and presentation events, and jobs: stored in the command's commit, sent after it. */
  emit(...messages: readonly [Outgoing, ...Outgoing[]]): void
  /**
   * For a rejection that has consequences, such as a token that came twice: what was emitted is stored with it, in the one commit, where
   * another rejection leaves nothing. Return what it returns, the rejection itself. Reference: docs/reference/handlers.md.
   */
  keeping<Rejection extends Rejected<string, unknown>>(rejection: Rejection): Rejection
  /** Adds an entry to the audit log, stored in the command's commit. Reference: docs/reference/audit.md. */
  audit(note: AuditNote): void
}
/** What a job's handler may answer instead of a result. */
export interface JobAnswer {
  readonly jobAnswer: 'snooze' | 'give_up'
  /** Milliseconds. */
  readonly forMs?: number | undefined
  readonly reason?: string | undefined
}
export interface JobContext extends HandlerContext {
  /** The job's id: what it sends has it as its cause. */
  readonly jobId: string
  /** From 1. */
  readonly attempt: number
  /**
   * Sends a command on behalf of who stored the job. Its id is made of the job and the number of the call, so a repeated run finds the
   * first outcome and must send the same. `options.context` is added to `context`. Errors: as `running.dispatch`.
   */
  dispatch<Result, Rejections>(
    command: Command<string, unknown, Result, Rejections>,
    options?: SentOptions,
  ): Promise<Outcome<Result, Rejections>>
  /** Says how far the run is; kept with the job, the last one counts. */
  progress(done: number, of?: number, note?: string): void
  /** Leaves a line with the job: at most 200 of 1,000 characters are kept, the newest. Without secrets: it is shown to operators. */
  log(text: string): void
  /** Return what it returns: the job runs again after this time, and the run counts as no attempt. */
  snooze(forMs: number): JobAnswer
  /** Return what it returns: no further run would help; the job goes to the dead letters at once. */
  giveUp(reason: string): JobAnswer
}
export interface HandlerOptions {
  /** The roles that may run it; default: the domain's. */
  readonly roles?: readonly (Role | 'any')[] | undefined
}

type Run<Contract> =
  Contract extends CommandContract<infer _T, infer _I, infer Result, infer Rejections, infer Parsed>
    ? (input: Parsed, context: CommandContext) => Promise<Result | RejectedBy<Rejections>>
    : Contract extends QueryContract<infer _T, infer _I, infer Result, infer Parsed>
      ? (input: Parsed, context: QueryContext) => Promise<Result>
      : Contract extends JobContract<infer _T, infer _I, infer Parsed>
        ? (input: Parsed, context: JobContext) => Promise<JsonValue | JobAnswer | void>
        : never

/** A handler as the engine runs it. */
export interface RunHandler {
  readonly contract: ContractParts
  readonly roles: readonly (Role | 'any')[] | undefined
  readonly run: (input: unknown, context: HandlerContext | CommandContext | JobContext) => Promise<unknown>
}

/** Binds a command, query or job to the function that runs it. Reference: docs/reference/handlers.md. */
export function handle<Contract extends AnyContract & { readonly kind: 'command' | 'query' | 'job' }>(
  contract: Contract,
  run: Run<Contract>,
  options: HandlerOptions = {},
): Handler<Contract> {
  checkOptions(options, ['roles'], `handle(${contract.type})`)
  const handler: RunHandler = {
    contract: partsOf(contract),
    roles: options.roles,
    run: run as unknown as RunHandler['run'],
  }
  return handler as unknown as Handler<Contract>
}
