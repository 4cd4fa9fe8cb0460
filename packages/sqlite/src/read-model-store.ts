// The read-model store on SQLite: which views are open, which there are, and their plans. One thread writes all of it.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { checkKey, noPlan, storeClosed, viewRemoved } from '@gesta/core/ports'
import type { CrashPoint, ReadModelStore, ViewName, ViewPlan } from '@gesta/core/ports'
import { openForReading } from './database.ts'
import { makeFolder } from './make-folder.ts'
import type { ReadingThreads } from './reader.ts'
import { createThread } from './thread.ts'
import type { Thread } from './thread.ts'
import { moduleUrl } from './thread-modules.ts'
import { createView } from './view.ts'
import type { OpenFile } from './view.ts'
import { callView } from './view-calls.ts'
import { viewPath, viewsFolder } from './view-file.ts'
import type { ViewMessage, ViewThreadData } from './view-messages.ts'
import { createViewReader } from './view-reader.ts'

export interface SqliteReadModelStoreOptions {
  /** The views lie in the folder `<path>.views`. Who opens this store holds the lock of `path`. */
  readonly path: string
  /** Ends with this store. */
  readonly reader: ReadingThreads
  /** Where tests want the process to end. */
  readonly crash?: CrashPoint | undefined
}
/** `thread` is for tests that end it. */
export type SqliteReadModelStore = ReadModelStore & { readonly thread: Thread }

export function createSqliteReadModelStore({ path, reader, crash }: SqliteReadModelStoreOptions): SqliteReadModelStore {
  const data: ViewThreadData = { crash }
  const thread = createThread(moduleUrl('view-thread'), data)
  const folder = viewsFolder(path)
  const files = new Map<string, Promise<RemovableFile>>()
  /** Removals that are under way, by file: who opens the view meanwhile waits. */
  const removals = new Map<string, Promise<void>>()
  const opener = randomUUID()
  let flushes = 0
  const threads = { thread, reader, newFlush: () => `${opener}.${(flushes += 1)}` }
  let closing: Promise<void> | undefined
  const checkOpen = (): void => {
    if (closing !== undefined) throw storeClosed()
  }
  const call = (message: ViewMessage): Promise<unknown> => callView(thread, message, checkOpen)

  const openFile = (file: string, view: ViewName): Promise<RemovableFile> => {
    const opening = files.get(file) ?? openRemovable(file, view, call, checkOpen)
    if (!files.has(file)) {
      files.set(file, opening)
      // What could not be opened is tried again by the next call.
      opening.catch(() => files.delete(file))
    }
    return opening
  }
  const removeFile = async (file: string): Promise<void> => {
    const opened = await files.get(file)?.catch(() => undefined)
    files.delete(file)
    opened?.remove()
    if (opened !== undefined) await reader.forget(file)
    await call({ do: 'remove', path: file })
  }
  const close = async (): Promise<void> => {
    // Readers first: the last connection that writes empties a write-ahead log and removes it.
    try {
      await Promise.allSettled(removals.values())
      await reader.close()
      for (const opened of await Promise.allSettled(files.values()))
        if (opened.status === 'fulfilled') opened.value.rows.close()
    } finally {
      await thread.close()
    }
  }
  return {
    thread,
    isShared: false,
    dialect: 'sqlite',
    open: async (view, tables) => {
      checkOpen()
      checkKey(view.name, 'view name')
      const file = viewPath(path, view)
      // Without a pause behind the last look, so that a removal that comes next finds the file among those that are open.
      while (removals.has(file)) await removals.get(file)?.catch(() => undefined)
      checkOpen()
      makeFolder(file)
      return createView(await openFile(file, view), threads, tables)
    },
    plan: async (name, modelVersion) =>
      ((await call({ do: 'plan', path: folder, name, modelVersion })) as ViewPlan | undefined) ?? noPlan,
    changePlan: async (name, modelVersion, next) => {
      checkOpen()
      checkKey(name, 'view name')
      makeFolder(join(folder, 'plans.sqlite'))
      return (await call({ do: 'changePlan', path: folder, name, modelVersion, next, again: false })) as boolean
    },
    views: async () => (await call({ do: 'views', path: folder })) as readonly ViewName[],
    remove: async (view) => {
      checkOpen()
      const file = viewPath(path, view)
      const removal = removals.get(file) ?? removeFile(file).finally(() => removals.delete(file))
      removals.set(file, removal)
      await removal
    },
    removePlan: async (name, modelVersion) => {
      await call({ do: 'removePlan', path: folder, name, modelVersion })
    },
    [Symbol.asyncDispose]: () => (closing ??= close()),
  }
}

interface RemovableFile extends OpenFile {
  /** From now on nobody uses it. */
  remove(): void
}

async function openRemovable(
  path: string,
  view: ViewName,
  call: (message: ViewMessage) => Promise<unknown>,
  checkOpen: () => void,
): Promise<RemovableFile> {
  await call({ do: 'open', path, view, tables: undefined })
  const rows = createViewReader(openForReading(path))
  let isRemoved = false
  return {
    path,
    view,
    rows,
    check: () => {
      checkOpen()
      if (isRemoved) throw viewRemoved(view)
    },
    remove: () => {
      isRemoved = true
      rows.close()
    },
  }
}
