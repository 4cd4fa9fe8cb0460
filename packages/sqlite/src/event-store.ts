// The event store on SQLite: commits go to the writer thread in groups, short reads are answered here, long ones by the reader thread.
import { createCommitQueue, pageLimit, storeClosed } from '@gesta/core/ports'
import type { EventStore, LogIdentity } from '@gesta/core/ports'
import { openForReading } from './database.ts'
import type { Cell, WritingOptions } from './database.ts'
import { createLogReader, unflattenEvents } from './log-reader.ts'
import { toEvent } from './log-rows.ts'
import type { ReadingThread } from './reader.ts'
import { storeError } from './sqlite-errors.ts'
import { createWriter } from './writer.ts'
import type { Writer } from './writer.ts'

/** Events of a stream that the main thread reads itself: so few cost less than the way to another thread. */
const shortReadMax = 100

export interface SqliteEventStoreOptions {
  readonly path: string
  readonly identity: LogIdentity
  readonly writing: WritingOptions
  /** Ends with this store. */
  readonly reader: ReadingThread
}
/** `writer` is for tests that end its thread. */
export type SqliteEventStore = EventStore & { readonly writer: Writer }

export function createSqliteEventStore({ path, identity, writing, reader }: SqliteEventStoreOptions): SqliteEventStore {
  const log = createLogReader(openForReading(path))
  const writer = createWriter({ path, options: writing })
  const queue = createCommitQueue({ write: writer.write, nowMs: () => performance.now() })
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
    identity,
    writer,
    commit: queue.commit,
    readStream: async (read) => {
      if (closing !== undefined) throw storeClosed()
      if (pageLimit(read.limit, 100) <= shortReadMax) return short(() => log.readStream(read).map(toEvent))
      return unflattenEvents((await reader.call({ do: 'readStream', path, read })) as readonly Cell[])
    },
    readAll: async (read) => {
      if (closing !== undefined) throw storeClosed()
      pageLimit(read.limit, 1000)
      return unflattenEvents((await reader.call({ do: 'readAll', path, read })) as readonly Cell[])
    },
    versions: (streams) => short(() => log.versions(streams)),
    head: () => short(log.head),
    header: (tenant, commandId) => short(() => log.header(tenant, commandId)),
    headerByKey: (key) => short(() => log.headerByKey(key)),
    parts: (tenant, commandId) => short(() => log.parts(tenant, commandId)),
    onAppend: queue.onAppend,
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}
