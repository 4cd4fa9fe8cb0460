// Side stores, seen from the main thread: what is no part of a commit lies in files beside the store's, behind one thread of its own,
// so that it never makes a commit wait. An app that uses none of them starts no thread and makes no file. How to add one: side-file.ts.
import { GestaError, storeClosed } from '@gesta/core/ports'
import type { SideFile } from './side-file.ts'
import type { SideFiles } from './side-files.ts'
import { createThread, ThreadDied } from './thread.ts'
import type { Thread } from './thread.ts'
import { moduleUrl } from './thread-modules.ts'

type SideName = keyof SideFiles
/** The operations of a side store, as its file's module defines them. */
type SideOperations<Name extends SideName> = SideFiles[Name] extends SideFile<infer Operations> ? Operations : never
/** One operation on one file; `given` are its arguments. */
export interface SideMessage {
  readonly store: SideName
  readonly path: string
  readonly do: string
  readonly given: readonly unknown[]
}

type Arguments<Operation> = Operation extends (...given: infer Given) => unknown ? Given : never
type Answer<Operation> = Operation extends (...given: never) => infer Result ? Result : never

/** Both reject with `store_closed` once the store was closed, and with what the operation threw. */
export interface SideStore<Operations> extends AsyncDisposable {
  readonly path: string
  /** Runs an operation that is harmless to repeat: a thread that died is replaced and asked once more. */
  call<Name extends keyof Operations & string>(
    name: Name,
    ...given: Arguments<Operations[Name]>
  ): Promise<Answer<Operations[Name]>>
  /** Runs an operation that must not be repeated: `store_unavailable` when the thread died and it may be done or not. */
  callOnce<Name extends keyof Operations & string>(
    name: Name,
    ...given: Arguments<Operations[Name]>
  ): Promise<Answer<Operations[Name]>>
}
export interface SideThread {
  /** `at` is where the file lies; default: beside the store, `<path>.<name>`. */
  store<Name extends SideName>(name: Name, at?: string): SideStore<SideOperations<Name>>
  /** Waits for what was asked and ends the thread. The stores are closed first. */
  close(): Promise<void>
  /** For tests that end it. */
  readonly thread: Thread
}

/** The thread of the side stores of the store at `path`. It is started by the first operation, and one may be made per kind of work. */
export function createSideThread(path: string): SideThread {
  const thread = createThread(moduleUrl('side-thread'), undefined)
  return {
    thread,
    store: (name, at = `${path}.${name}`) => createSideStore(thread, name, at),
    close: thread.close,
  }
}

function createSideStore<Operations>(thread: Thread, store: SideName, path: string): SideStore<Operations> {
  let closed = false
  const ask = async <Result>(name: string, given: readonly unknown[]): Promise<Result> => {
    if (closed) throw storeClosed()
    const message: SideMessage = { store, path, do: name, given }
    return (await thread.call(message)) as Result
  }
  return {
    path,
    call: async (name, ...given) => {
      try {
        return await ask(name, given)
      } catch (error) {
        if (!(error instanceof ThreadDied)) throw error
        return ask<never>(name, given).catch((cause: unknown) => {
          throw cause instanceof ThreadDied ? died(path, cause) : cause
        })
      }
    },
    callOnce: async (name, ...given) => {
      try {
        return await ask(name, given)
      } catch (error) {
        throw error instanceof ThreadDied ? died(path, error) : error
      }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
    },
  }
}

function died(path: string, cause: ThreadDied): GestaError {
  return new GestaError(
    'store_unavailable',
    `Expected ${path} to answer, but its thread died; what was asked may be done or not. Look before trying again.`,
    { cause, facts: { path } },
  )
}
