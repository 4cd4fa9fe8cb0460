// The read-model store on SQLite: flushes go to the view thread, rows by key are read here, lists and searches by a reader thread.
import { mkdirSync } from 'node:fs'
import { checkFilter, checkFlush, checkKey, checkRange, pageLimit, pageOffset, storeClosed } from '@gesta/core/ports'
import type { Checkpoint, Flush, ReadModelStore, View, ViewName } from '@gesta/core/ports'
import { openForReading } from './database.ts'
import type { Cell } from './database.ts'
import type { ReadingThreads } from './reader.ts'
import { storeError } from './sqlite-errors.ts'
import { createThread, ThreadDied } from './thread.ts'
import type { Thread } from './thread.ts'
import { moduleUrl } from './thread-modules.ts'
import { viewPath, viewsFolder } from './view-file.ts'
import { createViewReader } from './view-reader.ts'
import type { RowsAndTotal, ViewReader } from './view-reader.ts'
import type { ViewMessage } from './view-thread.ts'

/** Rows by key that the main thread reads itself. */
const shortLoadMax = 200

export interface SqliteReadModelStoreOptions {
  readonly path: string
  /** Ends with this store. */
  readonly reader: ReadingThreads
}
/** `thread` is for tests that end it. */
export type SqliteReadModelStore = ReadModelStore & { readonly thread: Thread }

export function createSqliteReadModelStore({ path, reader }: SqliteReadModelStoreOptions): SqliteReadModelStore {
  const thread = createThread(moduleUrl('view-thread'), undefined)
  const views = new Map<string, Promise<OpenView>>()
  let closing: Promise<void> | undefined
  const checkOpen = (): void => {
    if (closing !== undefined) throw storeClosed()
  }
  const close = async (): Promise<void> => {
    // Readers first: the last connection that writes empties a write-ahead log and removes it.
    try {
      await reader.close()
      for (const opened of await Promise.allSettled(views.values()))
        if (opened.status === 'fulfilled') opened.value.rows.close()
    } finally {
      await thread.close()
    }
  }
  return {
    thread,
    open: async (view) => {
      checkOpen()
      checkKey(view.name, 'view name')
      mkdirSync(viewsFolder(path), { recursive: true })
      const file = viewPath(path, view)
      let opened = views.get(file)
      if (opened === undefined) {
        opened = openViewFile(file, view, { thread, reader, checkOpen })
        views.set(file, opened)
        // What could not be opened is tried again by the next call.
        opened.catch(() => views.delete(file))
      }
      return (await opened).view
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

interface OpenView {
  readonly view: View
  readonly rows: ViewReader
}
interface Access {
  readonly thread: Thread
  readonly reader: ReadingThreads
  checkOpen(): void
}

async function openViewFile(path: string, view: ViewName, { thread, reader, checkOpen }: Access): Promise<OpenView> {
  await callAgain(thread, { do: 'open', path, view })
  const rows = createViewReader(openForReading(path))
  const short = async <T>(read: () => T): Promise<T> => {
    checkOpen()
    try {
      return read()
    } catch (error) {
      throw storeError(error, path)
    }
  }
  const long = async (message: Parameters<ReadingThreads['call']>[0]): Promise<unknown> => {
    checkOpen()
    return reader.call(message)
  }
  return {
    rows,
    view: {
      view,
      checkpoint: () => short(rows.checkpoint),
      load: async (keys) =>
        keys.length <= shortLoadMax
          ? short(() => rows.load(keys))
          : ((await long({ do: 'load', path, keys })) as readonly (string | undefined)[]),
      get: (row) => short(() => rows.load([row])[0]),
      list: async (tenant, range) => {
        pageLimit(range.limit, 100)
        pageOffset(range.offset)
        checkRange(range)
        return (await long({ do: 'list', path, tenant, range })) as RowsAndTotal
      },
      find: async (tenant, filter) => {
        pageLimit(filter.limit, 100)
        pageOffset(filter.offset)
        checkFilter(filter)
        return (await long({ do: 'find', path, tenant, filter })) as RowsAndTotal
      },
      flush: async (flush) => {
        checkOpen()
        checkFlush(flush)
        const { done, again } = await callAgain(thread, {
          do: 'flush',
          path,
          view,
          expected: flush.expected,
          next: flush.next,
          cells: cellsOf(flush),
        })
        // The thread that died may have done it: then the checkpoint is where this flush brings it.
        return done || (again && isAt(rows.checkpoint(), flush.next))
      },
      reset: async () => {
        checkOpen()
        await callAgain(thread, { do: 'reset', path, view })
      },
    },
  }
}

/** Asks the view thread, and once more if it died. */
async function callAgain(
  thread: Thread,
  message: ViewMessage,
): Promise<{ readonly done: boolean; readonly again: boolean }> {
  try {
    return { done: (await thread.call(message)) as boolean, again: false }
  } catch (error) {
    if (!(error instanceof ThreadDied)) throw error
    return { done: (await thread.call(message)) as boolean, again: true }
  }
}

function cellsOf({ writes }: Flush): readonly Cell[] {
  const cells: Cell[] = []
  for (const { tenant, key, value } of writes) cells.push(tenant, key, value ?? null)
  return cells
}

function isAt(checkpoint: Checkpoint | undefined, { incarnation, position, eventId }: Checkpoint): boolean {
  return checkpoint?.incarnation === incarnation && checkpoint.position === position && checkpoint.eventId === eventId
}
