// The event store on SQLite: commits go to the writer thread in groups, short reads are answered here, long ones by the reader threads.
import {
  askEventPage,
  checkCommandKey,
  checkEventFilter,
  checkEventKey,
  checkEventValues,
  checkIdempotencyScope,
  checkRewrite,
  checkStreamKey,
  checkTails,
  checkWhole,
  createCommitQueue,
  pageLimit,
  pageOf,
  rewritingRefused,
  storeClosed,
} from '@gesta/core/ports'
import type { CommandRecord, EventStore, LogIdentity, StoredEvent } from '@gesta/core/ports'
import { openForReading } from './database.ts'
import type { WritingOptions } from './database.ts'
import { createLogReader } from './log-reader.ts'
import { eventAt, eventCells, recordAt, toEvent } from './log-rows.ts'
import type { ListedCells, ReadingThreads, ReadMessage, TailCells } from './reader.ts'
import { unflattenRows } from './row-cells.ts'
import type { SentCells } from './row-cells.ts'
import { isOfFile, storeError } from './sqlite-errors.ts'
import { createWriter } from './writer.ts'
import type { Writer } from './writer.ts'

/** Events of streams that the main thread reads itself: so few cost less than the way to another thread. */
const shortReadMax = 100

export interface SqliteEventStoreOptions {
  readonly path: string
  /** The log's identity as it was found. */
  readonly identity: LogIdentity
  readonly newIdentity: () => LogIdentity
  readonly writing: WritingOptions
  readonly allowRewriting: boolean
  /** Ends with this store. */
  readonly reader: ReadingThreads
}
/** What the other stores of the file share with it. */
export interface SqliteEventStore extends EventStore {
  readonly writer: Writer
  /** The record of one command; absent when it was purged. */
  record(tenant: string, commandId: string): Promise<CommandRecord | undefined>
}

export function createSqliteEventStore(options: SqliteEventStoreOptions): SqliteEventStore {
  const { path, newIdentity, writing, allowRewriting, reader } = options
  let { identity } = options
  const log = createLogReader(openForReading(path))
  const writer = createWriter({ path, options: writing })
  const queue = createCommitQueue({ write: writer.write, nowMs: () => performance.now(), meetsAll: isOfFile })
  let closing: Promise<void> | undefined

  /** Runs a read, or says that the store is closed; errors are those that callers know. */
  const short = async <T>(read: () => T): Promise<T> => {
    if (closing !== undefined) throw storeClosed()
    try {
      return read()
    } catch (error) {
      throw storeError(error, path)
    }
  }
  const long = async (message: ReadMessage): Promise<unknown> => {
    if (closing !== undefined) throw storeClosed()
    return reader.call(message)
  }
  const close = async (): Promise<void> => {
    await queue[Symbol.asyncDispose]()
    // Readers first: the last connection that writes empties the write-ahead log and removes it.
    try {
      await reader.close()
      log.close()
    } finally {
      await writer.close()
    }
  }

  return {
    get identity() {
      return identity
    },
    writer,
    info: () =>
      short(() => {
        const { events: items, ...extent } = log.extent()
        const details = { incarnation: identity.incarnation, ...extent, durability: writing.durability, allowRewriting }
        return { store: 'event', backend: 'sqlite', readOnly: false, items, details }
      }),
    commit: queue.commit,
    readStream: async (read) => {
      checkStreamKey(read)
      if (pageLimit(read.limit, 100) <= shortReadMax) return short(() => log.readStream(read).map(toEvent))
      return eventsOf(await long({ do: 'readStream', path, read }))
    },
    readTails: async (read) => {
      checkTails(read)
      const { streams, limit, before } = read
      if (streams.length * limit <= shortReadMax)
        return short(() => log.readTails(read).map((rows) => rows.map(toEvent)))
      const named = streams.map(({ tenant, aggregateType, aggregateId }) => ({ tenant, aggregateType, aggregateId }))
      return tailsOf((await long({ do: 'readTails', path, read: { streams: named, limit, before } })) as TailCells)
    },
    readAll: async (read) => {
      pageLimit(read.limit, 1000)
      return eventsOf(await long({ do: 'readAll', path, read }))
    },
    versions: (streams) => short(() => log.versions(streams)),
    head: () => short(log.head),
    header: (tenant, commandId) =>
      short(() => {
        checkCommandKey(tenant, commandId)
        return log.header(tenant, commandId)
      }),
    headerByKey: (scope) =>
      short(() => {
        checkIdempotencyScope(scope)
        return log.headerByKey(scope)
      }),
    record: (tenant, commandId) =>
      short(() => {
        checkCommandKey(tenant, commandId)
        const row = log.record(tenant, commandId)
        return row && recordAt(row, 0, identity)
      }),
    pruneKeys: async ({ before, limit }) => {
      checkWhole(before, 'before of the keys', 0)
      const old = await long({ do: 'oldKeys', path, before, limit: pageLimit(limit, 1000) })
      return writer.forget('forgetKeys', old as readonly number[])
    },
    parts: (tenant, commandId) =>
      short(() => {
        checkCommandKey(tenant, commandId)
        return log.parts(tenant, commandId)
      }),
    get: (key) =>
      short(() => {
        checkEventKey(key)
        return log.event(key)
      }),
    list: async (filter, page) => {
      checkEventFilter(filter)
      const asked = askEventPage(filter, page, identity)
      const { cells, limit, total } = (await long({ do: 'events', path, filter, asked })) as ListedCells
      return pageOf({ ...asked, limit }, eventsOf(cells), ({ position }) => [position], total)
    },
    total: async (filter = {}) => {
      checkEventFilter(filter)
      return (await long({ do: 'totalEvents', path, filter })) as number
    },
    uniqueValues: async (field, filter = {}, page = {}) => {
      checkEventFilter(filter)
      checkEventValues(field, page)
      pageLimit(page.limit, 100)
      return (await long({ do: 'values', path, field, filter, page })) as readonly string[]
    },
    rewrite: async (rewriting) => {
      if (closing !== undefined) throw storeClosed()
      if (!allowRewriting) throw rewritingRefused('rewrite')
      checkRewrite(rewriting)
      return writer.rewrite(rewriting)
    },
    reset: async () => {
      if (closing !== undefined) throw storeClosed()
      if (!allowRewriting) throw rewritingRefused('reset')
      const next = newIdentity()
      await writer.reset(next)
      identity = next
    },
    fork: async () => {
      if (closing !== undefined) throw storeClosed()
      const next = { ...identity, incarnation: newIdentity().incarnation }
      await writer.fork(next)
      identity = next
      return next
    },
    onAppend: queue.onAppend,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

function tailsOf({ cells, lengths }: TailCells): readonly (readonly StoredEvent[])[] {
  const events = eventsOf(cells)
  let end = 0
  return lengths.map((length) => events.slice(end, (end += length)))
}

function eventsOf(cells: unknown): readonly StoredEvent[] {
  return unflattenRows(cells as SentCells, eventCells, eventAt)
}
