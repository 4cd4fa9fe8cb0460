// What may be said of the commands of a bus and of how they are logged.
import type { AnyContract } from '../contracts/contract.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import type {
  CommandRecord,
  CommandStatus,
  RecordedError,
  RecordedPlace,
} from '../stores/command-log/command-record.ts'
import type { BufferSettings, LostBecause } from './buffer.ts'

/** A command on its way, as extractors see it. */
export interface SentCommand<Options = unknown> {
  readonly type: string
  readonly data: unknown
  /** As the caller gave them. */
  readonly options: Options | undefined
}
export interface RecordedOutcome {
  readonly status: Exclude<CommandStatus, 'started'>
  readonly error?: RecordedError | undefined
}
/** Extractors are called once per command. What one throws counts as nothing said: the default takes its place. */
interface CommandExtractors<Options, Result> {
  /** The command's id; unique in its tenant. Default: `options.commandId`, else a new UUIDv7. */
  readonly id?: ((sent: SentCommand<Options>) => string | undefined) | undefined
  /** Sender, target tenant, correlation, causation and trace. Default: `options.context`, else the empty one. */
  readonly context?: ((sent: SentCommand<Options>) => RequestContext | undefined) | undefined
  /** What is noted beside the context, at most 256 names. Default: `options.metadata`, else nothing. */
  readonly metadata?: ((sent: SentCommand<Options>) => { readonly [name: string]: string } | undefined) | undefined
  /** How a result ended the command. Default: `{ ok: false, rejection }` is `rejected` with its code and reason, all else `accepted`. */
  readonly outcome?: ((result: Result, sent: SentCommand<Options>) => RecordedOutcome | undefined) | undefined
  /** The events that a result tells of. Default: the ids of `result.events`. */
  readonly events?: ((result: Result, sent: SentCommand<Options>) => readonly RecordedPlace[] | undefined) | undefined
}
export interface WithCommandLogOptions<Options = unknown, Result = unknown>
  extends CommandExtractors<Options, Result>, Partial<BufferSettings> {
  /** What may be kept of payloads is what these contracts do not mark; of a type that is not among them nothing is. Default: none. */
  readonly contracts?: readonly AnyContract[] | undefined
  /**
   * `await` (default): a command begins when its intent is stored, and answers when its outcome is. `buffered`: it waits for neither;
   * a process that is killed loses what waits, `flushAfterMs` at most.
   */
  readonly policy?: 'await' | 'buffered' | undefined
  /**
   * What becomes of a command whose intent cannot be stored, or has no room in the buffer. `continue` (default): it runs, and its
   * record follows, or is counted as lost. `refuse`: it does not begin.
   */
  readonly whenDown?: 'continue' | 'refuse' | undefined
  /** Told of each record that no log has; keep it quick. What it throws is ignored. */
  readonly onLost?: ((record: CommandRecord, because: LostBecause) => void) | undefined
}
const optionNames = [
  'contracts',
  'policy',
  'whenDown',
  'onLost',
  'id',
  'context',
  'metadata',
  'outcome',
  'events',
  'bufferMax',
  'batchMax',
  'flushAfterMs',
  'drainMs',
] as const

/** Of the buffer: records that wait at most, 10,000; written at once, 500; milliseconds until they are, 100; until a close gives up, 5,000. */
const defaults: BufferSettings = { bufferMax: 10_000, batchMax: 500, flushAfterMs: 100, drainMs: 5_000 }

/** The settings of the buffer. Errors: plain ones for options, a `RangeError` for numbers. */
export function bufferSettings(options: WithCommandLogOptions<never, never>): BufferSettings {
  checkOptions(options, optionNames, 'withCommandLog()')
  const { policy = 'await', whenDown = 'continue', bufferMax, batchMax, flushAfterMs, drainMs } = options
  if (policy !== 'await' && policy !== 'buffered')
    throw new Error(`Expected policy to be "await" or "buffered", received "${String(policy)}".`)
  if (whenDown !== 'continue' && whenDown !== 'refuse')
    throw new Error(`Expected whenDown to be "continue" or "refuse", received "${String(whenDown)}".`)
  const settings = {
    bufferMax: bufferMax ?? defaults.bufferMax,
    batchMax: batchMax ?? defaults.batchMax,
    // Who waits for a record is not kept waiting for company.
    flushAfterMs: policy === 'await' ? 0 : (flushAfterMs ?? defaults.flushAfterMs),
    drainMs: drainMs ?? defaults.drainMs,
  }
  checkWhole(settings.bufferMax, 'option bufferMax', 1)
  checkWhole(settings.batchMax, 'option batchMax', 1, 10_000)
  checkWhole(settings.flushAfterMs, 'option flushAfterMs', 0)
  checkWhole(settings.drainMs, 'option drainMs', 0)
  return settings
}
