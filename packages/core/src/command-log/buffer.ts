// Records on their way into a log of its own: written together, tried again while the log is away, bounded in number. Nobody waits for
// them who does not ask to, and none is lost without being told.
import { redactError } from '../errors/redact-error.ts'
import type { Ids } from '../ids/ids.ts'
import type { CommandLogStore } from '../stores/command-log/command-log-store.ts'
import type { CommandRecord } from '../stores/command-log/command-record.ts'
import type { Alarms } from '../time/alarms.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Timer } from '../time/clock.ts'
import { createRecordQueue } from './record-queue.ts'
import type { Buffered } from './record-queue.ts'
import { recordRecords } from './record-records.ts'

/**
 * Why a record is in no log. `full`: the log was away, or slower than the commands, until the buffer was full. `refused`: the log does
 * not take it. `closed`: it was closed before the record was written.
 */
export type LostBecause = 'full' | 'refused' | 'closed'

export interface BufferSettings {
  /** Records that wait at most. */
  readonly bufferMax: number
  /** Records that are written at once. */
  readonly batchMax: number
  /** How long a record waits for company, milliseconds; 0: for what is dispatched in the same moment. */
  readonly flushAfterMs: number
  /** How long closing waits for the log, milliseconds. */
  readonly drainMs: number
}
export interface BufferParts {
  readonly store: CommandLogStore
  readonly alarms: Alarms
  readonly ids: Ids
  readonly settings: BufferSettings
  readonly onLost: ((record: CommandRecord, because: LostBecause) => void) | undefined
}
export interface Buffer extends AsyncDisposable {
  /** Adds a record, unless the buffer is full or closed. */
  offer(record: CommandRecord): Buffered | undefined
  /** Replaces a record that waits, or adds it; without room it is lost. What waits now. */
  settle(buffered: Buffered | undefined, record: CommandRecord): Buffered | undefined
  /** Lets go of a record that waits. */
  withdraw(buffered: Buffered): void
  /** Whether a record is written, as soon as that is known: while the log is away it is not waited for. */
  written(buffered: Buffered): Promise<boolean>
  /** Writes what waits now, and resolves when none of it waits any more. */
  flush(): Promise<void>
  readonly counts: BufferCounts
}
export interface BufferCounts {
  /** Outcomes that the log has. */
  readonly recorded: number
  readonly lost: number
  readonly waiting: number
  /** Absent while all is well. */
  readonly lastError: string | undefined
}

const backoff = { firstMs: 50, maxMs: 5_000 }

export function createBuffer({ store, alarms, ids, settings, onLost }: BufferParts): Buffer {
  const { clock } = alarms
  const { bufferMax, batchMax, flushAfterMs, drainMs } = settings
  const queue = createRecordQueue(bufferMax, batchMax)
  let isWriting = false
  let isClosed = false
  let recorded = 0
  let lost = 0
  /** Attempts that failed in a row. */
  let failures = 0
  let lastError: string | undefined
  let alarm: Timer | undefined
  let attempt = Promise.withResolvers<void>()
  let flushes: { readonly until: number; readonly done: () => void }[] = []

  const lose = (record: CommandRecord, because: LostBecause): void => {
    lost += 1
    try {
      onLost?.(record, because)
    } catch {
      // Telling never fails the work.
    }
  }
  /** Sees to it that what waits is written in time, with one timer for all of it. */
  const arm = (): void => {
    if (isWriting || queue.isEmpty) return
    const isDue = queue.hasBatch || flushes.length > 0
    const waitMs = failures > 0 ? backoffMs(backoff, failures, ids.random) : isDue ? 0 : flushAfterMs
    if (waitMs === 0) return void write()
    alarm ??= alarms.set(clock.monotonicUs() + waitMs * 1000, () => void write())
  }

  /** One attempt to write a batch. Never rejects. */
  const write = async (): Promise<void> => {
    alarm?.cancel()
    alarm = undefined
    isWriting = true
    // What is dispatched in the same turn is written together.
    await Promise.resolve()
    const batch = queue.take()
    const records = batch.map(({ record }) => record)
    const refused = new Map<CommandRecord, unknown>()
    try {
      if (records.length > 0) {
        await recordRecords(store, records, (record, cause) => void refused.set(record, cause))
        const [cause] = refused.values()
        lastError = cause === undefined ? undefined : redactError(cause)
      }
      // Of what was let go nothing is left to be tried: the next record is.
      failures = 0
      for (const [at, buffered] of batch.entries()) settleTold(buffered, records[at], refused)
    } catch (cause) {
      failures += 1
      lastError = redactError(cause)
    }
    queue.settle()
    isWriting = false
    endAttempt()
    arm()
  }
  /** What becomes of a record that the log was told: it waits on if its outcome came meanwhile, which is told next. */
  const settleTold = (
    buffered: Buffered,
    told: CommandRecord | undefined,
    refused: ReadonlyMap<CommandRecord | undefined, unknown>,
  ): void => {
    if (buffered.state !== 'waiting') return
    if (refused.has(told)) {
      buffered.state = 'lost'
      // A command is lost once: its outcome is still to come, and is told of then.
      if (buffered.record.status !== 'started') lose(buffered.record, 'refused')
    } else if (buffered.record === told) {
      buffered.state = 'written'
      if (told.status !== 'started') recorded += 1
    }
  }
  const endAttempt = (): void => {
    for (const { until, done } of flushes) if (queue.gone >= until) done()
    flushes = flushes.filter(({ until }) => queue.gone < until)
    const { resolve } = attempt
    attempt = Promise.withResolvers()
    resolve()
  }

  const offer = (record: CommandRecord): Buffered | undefined => {
    const buffered = isClosed ? undefined : queue.push(record)
    if (buffered === undefined) return undefined
    if (alarm === undefined || (failures === 0 && queue.hasBatch)) arm()
    return buffered
  }
  const flush = async (): Promise<void> => {
    if (queue.size === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    flushes.push({ until: queue.gone + queue.size, done: resolve })
    arm()
    await promise
  }
  return {
    offer,
    settle: (buffered, record) => {
      if (buffered?.state === 'waiting') {
        buffered.record = record
        return buffered
      }
      const added = offer(record)
      if (added === undefined) lose(record, isClosed ? 'closed' : 'full')
      return added
    },
    withdraw: (buffered) => {
      if (buffered.state === 'waiting') buffered.state = 'lost'
    },
    written: async (buffered) => {
      while (buffered.state === 'waiting' && failures === 0) await attempt.promise
      return buffered.state === 'written'
    },
    flush,
    get counts() {
      return { recorded, lost, waiting: queue.size, lastError }
    },
    [Symbol.asyncDispose]: async () => {
      isClosed = true
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const bound = alarms.set(clock.monotonicUs() + drainMs * 1000, resolve)
      await Promise.race([flush(), late])
      bound.cancel()
      alarm?.cancel()
      for (const buffered of queue.clear()) {
        if (buffered.state === 'waiting') lose(buffered.record, 'closed')
        buffered.state = 'lost'
      }
      endAttempt()
    },
  }
}
