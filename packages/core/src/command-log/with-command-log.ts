// A bus whose commands leave a record: what was asked before it runs, and what came of it after. For buses without an event store; with
// one, the record of a command is stored with its commit.
import { GestaError } from '../errors/gesta-error.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import type { CommandLogStore } from '../stores/command-log/command-log-store.ts'
import type { CommandRecord } from '../stores/command-log/command-record.ts'
import { createAlarms } from '../time/alarms.ts'
import { createBuffer } from './buffer.ts'
import type { BufferCounts } from './buffer.ts'
import { bufferSettings } from './bus-options.ts'
import type { SentCommand, WithCommandLogOptions } from './bus-options.ts'
import { busRecords } from './bus-record.ts'
import type { BusCommand, CommandBus, OptionsOf, ResultOf } from './command-bus.ts'
import type { Buffered } from './record-queue.ts'

/** The same bus, logged. Disposing of it waits for the commands that run, writes what waits, and leaves bus and store open. */
export interface LoggedBus<Bus extends CommandBus> extends AsyncDisposable {
  readonly dispatch: Bus['dispatch']
  /** Writes what waits now, and resolves when none of it waits any more; while the log is away, that takes as long. */
  flush(): Promise<void>
  readonly status: BufferCounts
}

export function logCommands<Bus extends CommandBus>(
  bus: Bus,
  store: CommandLogStore,
  options: WithCommandLogOptions<OptionsOf<Bus>, ResultOf<Bus>>,
  { clock, ids }: BackendRuntime,
): LoggedBus<Bus> {
  const { policy = 'await', whenDown = 'continue', onLost } = options
  const settings = bufferSettings(options)
  const alarms = createAlarms(clock)
  const buffer = createBuffer({ store, alarms, ids, settings, onLost })
  const records = busRecords(options as WithCommandLogOptions, clock, ids)
  const waits = policy === 'await'
  /** Commands that run, and who waits for the last of them. */
  let open = 0
  let whenIdle: (() => void) | undefined

  /** Takes note of an intent, and waits until it is stored where that is promised. Errors: `store_unavailable`. */
  const begin = async (record: CommandRecord): Promise<Buffered | undefined> => {
    const buffered = buffer.offer(record)
    const isKept = buffered !== undefined && (!waits || (await buffer.written(buffered)))
    if (isKept || whenDown === 'continue') return buffered
    if (buffered !== undefined) buffer.withdraw(buffered)
    throw notRecorded(record, buffer.counts.lastError)
  }
  const end = (buffered: Buffered | undefined, record: CommandRecord): Promise<unknown> | undefined => {
    const settled = buffer.settle(buffered, record)
    return waits && settled !== undefined ? buffer.written(settled) : undefined
  }
  // Every command passes here: where nothing was promised nothing is waited for, not even a turn.
  const dispatch = async (command: BusCommand, given?: unknown): Promise<unknown> => {
    const sent: SentCommand = { type: command.type, data: command.data, options: given }
    const begunUs = clock.monotonicUs()
    const tookUs = (): number => Math.max(0, Math.round(clock.monotonicUs() - begunUs))
    open += 1
    try {
      const started = records.started(sent)
      const buffered = waits || whenDown === 'refuse' ? await begin(started) : buffer.offer(started)
      let result: unknown
      try {
        result = await bus.dispatch(command, given)
      } catch (cause) {
        await end(buffered, records.failed(started, tookUs(), cause, sent))
        throw cause
      }
      const ending = end(buffered, records.ended(started, tookUs(), result, sent))
      if (ending !== undefined) await ending
      return result
    } finally {
      open -= 1
      if (open === 0) whenIdle?.()
    }
  }
  const close = async (): Promise<void> => {
    if (open > 0) {
      const { promise, resolve } = Promise.withResolvers<void>()
      whenIdle = resolve
      const bound = alarms.set(clock.monotonicUs() + settings.drainMs * 1000, resolve)
      await promise
      bound.cancel()
    }
    await buffer[Symbol.asyncDispose]()
    alarms[Symbol.dispose]()
  }
  let closing: Promise<void> | undefined
  return {
    dispatch,
    flush: buffer.flush,
    get status() {
      return buffer.counts
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

function notRecorded({ commandType, commandId }: CommandRecord, lastError: string | undefined): GestaError {
  return new GestaError(
    'store_unavailable',
    `Expected the command log to take the record of ${commandType} before it runs, but it did not (${lastError ?? 'the buffer is full'}). Nothing was done; try again, or let commands run without a record: whenDown: 'continue'.`,
    { facts: { contract: commandType, commandId } },
  )
}
