// The side thread: runs the operations of side stores, one after the other, over one connection per file. A file is opened, and made
// when it is missing, by the first operation on it.
import type { Database } from './database.ts'
import { serveThread } from './serve-thread.ts'
import { openSideFile } from './side-file.ts'
import { sideFiles } from './side-files.ts'
import type { SideFiles } from './side-files.ts'
import type { SideMessage } from './side-stores.ts'
import { storeError } from './sqlite-errors.ts'

type Operations = { readonly [name: string]: (...given: readonly unknown[]) => unknown }
interface OpenFile {
  readonly db: Database
  readonly operations: Operations
}
const open = new Map<string, OpenFile>()

function fileOf({ store, path }: SideMessage): OpenFile {
  let opened = open.get(path)
  if (opened === undefined) {
    opened = openFile(path, sideFiles[store])
    open.set(path, opened)
  }
  return opened
}

function openFile(path: string, file: SideFiles[keyof SideFiles]): OpenFile {
  const db = openSideFile(path, file)
  try {
    return { db, operations: file.operations(db) as object as Operations }
  } catch (error) {
    db.close()
    throw error
  }
}

function answer(message: SideMessage): unknown {
  const { operations } = fileOf(message)
  const operation = operations[message.do]
  if (operation === undefined) throw new Error(`Expected an operation of ${message.store}, received ${message.do}.`)
  return operation(...message.given)
}

serveThread({
  handle: (given) => {
    const message = given as SideMessage
    try {
      return answer(message)
    } catch (error) {
      throw storeError(error, message.path)
    }
  },
  close: () => {
    for (const { db } of open.values()) db.close()
  },
})
