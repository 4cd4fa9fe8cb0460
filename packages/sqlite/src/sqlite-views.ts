// Views in a folder of their own, for read models that do not keep them in the app's store.
import { resolve } from 'node:path'
import type { BackendRuntime, ReadModelBackend, ReadModelStore } from '@gesta/core/ports'
import { makeFolder } from './make-folder.ts'
import { lockOwner } from './owner-lock.ts'
import { createSqliteReadModelStore } from './read-model-store.ts'
import { createReadingThreads } from './reader.ts'
import { realPath } from './real-path.ts'

/**
 * Keeps the views of a read model in files of the folder `<path>.views`, apart from the app's store: the option `backend` of `readModel`.
 * Its lock, `<path>.lock`, is the one that `sqlite(path)` takes, so a store and such views have different paths.
 * Errors when the app starts: `store_locked`, `store_read_only`, `store_unavailable`. Reference: docs/reference/sqlite.md.
 */
export function sqliteViews(path: string): ReadModelBackend {
  if (path === '' || path === ':memory:')
    throw new Error(`Expected the path of views, received "${path}". For views in memory use memoryViews().`)
  return { backend: 'sqlite', open: async (runtime) => openViews(resolve(path), runtime) }
}

function openViews(given: string, { clock }: BackendRuntime): ReadModelStore {
  makeFolder(given)
  const path = realPath(given)
  const lock = lockOwner(path, clock)
  const { thread: _, ...store } = createSqliteReadModelStore({ path, reader: createReadingThreads() })
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    try {
      await store[Symbol.asyncDispose]()
    } finally {
      lock[Symbol.dispose]()
    }
  }
  return { ...store, [Symbol.asyncDispose]: () => (closing ??= close()) }
}
