// Long reads on their way to the reader thread: pages of the log, lists and searches of views. They cost the main thread nothing but their results.
import type { ReadAll, ReadStream, RowFilter, RowKey, RowRange } from '@gesta/core/ports'
import { GestaError, storeClosed } from '@gesta/core/ports'
import { createThread, ThreadDied } from './thread.ts'
import { moduleUrl } from './thread-modules.ts'

/** A long read; `path` is the file to read. */
export type ReadMessage = { readonly path: string } & (
  | { readonly do: 'readStream'; readonly read: ReadStream }
  | { readonly do: 'readAll'; readonly read: ReadAll }
  | { readonly do: 'load'; readonly keys: readonly RowKey[] }
  | { readonly do: 'list'; readonly tenant: string; readonly range: RowRange }
  | { readonly do: 'find'; readonly tenant: string; readonly filter: RowFilter }
)
export interface ReadingThread {
  /** Rejects with `store_closed` once it was closed. */
  call(message: ReadMessage): Promise<unknown>
  close(): Promise<void>
}

/** A reader thread; reading is harmless to repeat, so a thread that died is tried once more. */
export function createReadingThread(): ReadingThread {
  const thread = createThread(moduleUrl('reader-thread'), undefined)
  let closing: Promise<void> | undefined
  return {
    call: async (message) => {
      if (closing !== undefined) throw storeClosed()
      try {
        return await thread.call(message)
      } catch (error) {
        if (!(error instanceof ThreadDied)) throw error
        return thread.call(message).catch((cause: unknown) => {
          throw cause instanceof ThreadDied
            ? new GestaError(
                'store_unavailable',
                `Expected the reader of ${message.path} to answer, but its thread died twice. Try again; if it goes on, look at the cause.`,
                { cause },
              )
            : cause
        })
      }
    },
    close: () => (closing ??= thread.close()),
  }
}
