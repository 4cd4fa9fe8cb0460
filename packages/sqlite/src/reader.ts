// Long reads on their way to the reader threads: pages of the log, lists and searches of views. They cost the main thread nothing but their results.
import type {
  AskedPage,
  CommandFilter,
  EventField,
  EventFilter,
  Purge,
  ReadAll,
  ReadStream,
  ReadTails,
  ValuesPage,
} from '@gesta/core/ports'
import { GestaError, storeClosed } from '@gesta/core/ports'
import type { AuditQuestion } from './audit-reader.ts'
import type { JobQuestion } from './job-reader.ts'
import type { OutboxQuestion } from './outbox-reader.ts'
import type { SentCells } from './row-cells.ts'
import { createThread, ThreadDied } from './thread.ts'
import { moduleUrl } from './thread-modules.ts'
import type { ViewQuestion } from './view-reader.ts'

/** A long read; `path` is the file to read. */
export type ReadMessage = { readonly path: string } & (
  | { readonly do: 'readStream'; readonly read: ReadStream }
  | { readonly do: 'readTails'; readonly read: ReadTails }
  | { readonly do: 'readAll'; readonly read: ReadAll }
  | { readonly do: 'events'; readonly filter: EventFilter; readonly asked: AskedPage<readonly [number]> }
  | { readonly do: 'totalEvents'; readonly filter: EventFilter }
  | { readonly do: 'values'; readonly field: EventField; readonly filter: EventFilter; readonly page: ValuesPage }
  | { readonly do: 'commands'; readonly filter: CommandFilter; readonly asked: AskedPage<readonly [number]> }
  | { readonly do: 'totalCommands'; readonly filter: CommandFilter }
  | { readonly do: 'oldRecords'; readonly purge: Purge }
  | { readonly do: 'oldKeys'; readonly before: number; readonly limit: number }
  | { readonly do: 'outbox' | 'outboxScan'; readonly question: OutboxQuestion }
  | { readonly do: 'jobs' | 'jobsScan'; readonly ofJobs: JobQuestion }
  | { readonly do: 'audit' | 'auditScan'; readonly ofAudit: AuditQuestion }
  | { readonly do: 'view' | 'viewScan'; readonly ofView: ViewQuestion }
  /** Writes the file as it is now into a new one. */
  | { readonly do: 'copy'; readonly to: string }
)
/** What a thread is told beside reads: the file of a view is about to be removed. */
export interface ForgetMessage {
  readonly do: 'forget'
  readonly path: string
}
/** Whether a read costs no more than what it answers with, wherever in the file that lies. */
const isBounded: { readonly [Read in ReadMessage['do']]: boolean } = {
  readStream: true,
  readTails: true,
  readAll: true,
  outbox: true,
  jobs: true,
  audit: true,
  view: true,
  events: false,
  totalEvents: false,
  values: false,
  commands: false,
  totalCommands: false,
  oldRecords: false,
  oldKeys: false,
  outboxScan: false,
  jobsScan: false,
  auditScan: false,
  viewScan: false,
  copy: false,
}
/** Tails of streams on their way back: the events of all, and how many each has. */
export interface TailCells {
  readonly cells: SentCells
  readonly lengths: readonly number[]
}
/** A page of the log on its way back. */
export interface ListedCells {
  readonly cells: SentCells
  readonly limit: number
  readonly total: number | undefined
}
export interface ReadingThreads {
  /** Rejects with `store_closed` once it was closed. */
  call(message: ReadMessage): Promise<unknown>
  /** Closes the connections to the file of a view, behind the reads that were asked before. */
  forget(path: string): Promise<void>
  close(): Promise<void>
}

/**
 * Two reader threads, each started by its first read: what follows the log must not wait until a list with a rare filter has passed
 * over all of it. Reading is harmless to repeat, so a thread that died is tried once more.
 */
export function createReadingThreads(): ReadingThreads {
  const url = moduleUrl('reader-thread')
  const [bounded, scanning] = [createThread(url, undefined), createThread(url, undefined)]
  let closing: Promise<unknown> | undefined
  return {
    call: async (message) => {
      if (closing !== undefined) throw storeClosed()
      const thread = isBounded[message.do] ? bounded : scanning
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
    forget: async (path) => {
      const message: ForgetMessage = { do: 'forget', path }
      const running = [bounded, scanning].filter((thread) => thread.worker() !== undefined)
      // A thread that died has no connection any more.
      await Promise.allSettled(running.map((thread) => thread.call(message)))
    },
    close: async () => {
      await (closing ??= Promise.all([bounded.close(), scanning.close()]))
    },
  }
}
