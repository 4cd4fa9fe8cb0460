// The outbox in a file of JSON lines: what is stored is on the disk, and is delivered in order until it was acknowledged.
import { randomUUID } from 'node:crypto'
import { basename, dirname, resolve } from 'node:path'
import { checkOptions, checkWhole, createBatchTurns, storeClosed } from '@gesta/core/ports'
import type { Clock, Envelope, EventSource, Outbox, RunContext, Store, StoreInfo } from '@gesta/core/ports'
import { openDeadLetters } from './dead-letters.ts'
import type { DeadLetters } from './dead-letters.ts'
import { fileError } from './file-errors.ts'
import { lockFile } from './file-lock.ts'
import { createTurns } from './in-turn.ts'
import type { AtStep } from './line-file.ts'
import { outboxBatches } from './outbox-batches.ts'
import { openOutboxLog } from './outbox-log.ts'
import type { NewRecord, OutboxLog } from './outbox-log.ts'
import { recordLine } from './outbox-record.ts'
import { realPathOf } from './real-path.ts'
import { makeFolder } from './replace-file.ts'

export interface FileOutboxOptions {
  /** Where records go that were given up; default: the path with `.dead` before its ending. */
  readonly deadLetterPath?: string | undefined
  /** Failed deliveries after which a record is given up, from 1; default 10. */
  readonly attemptsMax?: number | undefined
  /** Tells when a record was stored and tried. Default: that of this process. */
  readonly clock?: Pick<Clock, 'nowUs'> | undefined
}

/**
 * Stores batches whole or not at all, and delivers them in batches of at most 100 events and 16 MiB. One process owns the file.
 * A source has one batch out at a time. Closed: `storeEvents` and settling reject with `store_closed`.
 * Errors of storing: `invalid_output`, `payload_too_large` (a line above 10 MiB), `store_full`, `store_read_only`, `store_unavailable`;
 * then nothing of the batch was stored.
 * Reference: docs/reference/delivery.md.
 */
export interface FileOutbox extends Outbox, EventSource, Store {
  /** Stores nothing more. Receivers get what is there, and are then told that the source is closed. */
  close(): void
}

/**
 * Opens the outbox at `path`; folder and file are made when they are missing, and what a crash has left is put in order.
 * Errors: `store_locked` (another process has it; the message names it), `store_foreign`, `store_full`, `store_read_only`,
 * `store_unavailable`.
 * Reference: docs/reference/delivery.md.
 */
export async function openFileOutbox(path: string, options: FileOutboxOptions = {}): Promise<FileOutbox> {
  checkOptions(options, ['deadLetterPath', 'attemptsMax', 'clock'], 'openFileOutbox()')
  return openOutbox(path, options, undefined)
}

const attemptsDefault = 10
const systemClock: Pick<Clock, 'nowUs'> = { nowUs: () => Date.now() * 1000 }

/** `atStep` is for tests that end the process while something is written. */
export async function openOutbox(
  given: string,
  { deadLetterPath, attemptsMax = attemptsDefault, clock = systemClock }: FileOutboxOptions,
  atStep: AtStep | undefined,
): Promise<FileOutbox> {
  if (given === '') throw new Error('Expected the path of a file, received an empty text.')
  checkWhole(attemptsMax, 'option attemptsMax', 1)
  const path = resolve(given)
  try {
    await makeFolder(dirname(path))
    const real = await realPathOf(path)
    const opened = new AsyncDisposableStack()
    try {
      opened.use(await lockFile(real, clock))
      const log = opened.use(await openOutboxLog(real, randomUUID, atStep))
      const isHere = (id: string): boolean => log.entries.has(id)
      const deadPath = deadLetterPath === undefined ? deadPathOf(real) : resolve(deadLetterPath)
      const { letters, found } = await openDeadLetters(deadPath, isHere, atStep)
      opened.use(letters)
      // A move that a crash has interrupted is finished.
      await log.change({ removed: found, updated: new Map() })
      return outbox({ path, log, dead: letters, attemptsMax, clock, opened })
    } catch (error) {
      await opened.disposeAsync()
      throw error
    }
  } catch (error) {
    throw fileError(error, path)
  }
}

interface Opened {
  readonly path: string
  readonly log: OutboxLog
  readonly dead: DeadLetters
  readonly attemptsMax: number
  readonly clock: Pick<Clock, 'nowUs'>
  readonly opened: AsyncDisposableStack
}

function outbox({ path, log, dead, attemptsMax, clock, opened }: Opened): FileOutbox {
  const turns = createTurns()
  let ended = false
  let closing: Promise<void> | undefined
  const inTurn = async <Result>(operation: () => Promise<Result>): Promise<Result> => {
    if (closing !== undefined) throw storeClosed()
    try {
      return await turns(operation)
    } catch (error) {
      throw fileError(error, path)
    }
  }
  const now = (): string => new Date(clock.nowUs() / 1000).toISOString()
  const batches = outboxBatches({ path, log, dead, inTurn, attemptsMax, now, isEnded: () => ended })
  const source = createBatchTurns({ take: async () => (closing === undefined ? batches.take() : 'drained') })
  /** What is stored while something else is written is written together, with one flush of the disk for all. */
  let gathered: (readonly NewRecord[])[] = []
  let writing: Promise<void> | undefined
  const store = (records: readonly NewRecord[]): Promise<void> => {
    gathered.push(records)
    writing ??= inTurn(async () => {
      const group = gathered
      gathered = []
      writing = undefined
      await log.add(group)
    })
    return writing
  }
  return {
    storeEvents: async (events: readonly Envelope[], { context }: RunContext) => {
      if (ended) throw storeClosed()
      const storedAt = now()
      const records = events.map((event) => {
        const id = randomUUID()
        const traceparent = event.traceparent ?? context.traceparent
        const traced = traceparent === undefined ? event : { ...event, traceparent }
        return { id, line: recordLine(id, storedAt, traced) }
      })
      if (records.length === 0) return
      await store(records)
      source.wake()
    },
    receiveEventBatch: source.receiveEventBatch,
    close: () => {
      ended = true
      source.wake()
    },
    info: () => inTurn(async () => informationOf(path, log, dead.count, attemptsMax)),
    [Symbol.asyncDispose]: () => {
      ended = true
      closing ??= turns(() => opened.disposeAsync())
      source.wake()
      return closing
    },
  }
}

function informationOf(path: string, log: OutboxLog, deadLetters: number, attemptsMax: number): StoreInfo {
  let unreadable = 0
  for (const { isReadable } of log.entries.values()) if (!isReadable) unreadable += 1
  return {
    store: 'outbox',
    backend: 'file',
    readOnly: false,
    items: log.entries.size,
    details: { path, fileBytes: log.size, unreadable, deadLetters, attemptsMax },
  }
}

function deadPathOf(path: string): string {
  const ending = /\.[^.]+$/.exec(basename(path))?.[0] ?? ''
  return `${path.slice(0, path.length - ending.length)}.dead${ending}`
}
