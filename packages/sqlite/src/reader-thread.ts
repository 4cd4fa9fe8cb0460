// A reader thread: long reads, over one connection per file.
import { createAuditReader } from './audit-reader.ts'
import type { AuditQuestion, AuditReader } from './audit-reader.ts'
import { openForReading } from './database.ts'
import type { Row } from './database.ts'
import { createJobReader } from './job-reader.ts'
import type { JobQuestion, JobReads } from './job-reader.ts'
import { createLogLists } from './log-lists.ts'
import type { ListedRows, LogLists } from './log-lists.ts'
import { createLogReader } from './log-reader.ts'
import type { LogReader } from './log-reader.ts'
import { eventCells, recordCells } from './log-rows.ts'
import { createOldCommits } from './old-commits.ts'
import type { OldCommits } from './old-commits.ts'
import { createOutboxReader } from './outbox-reader.ts'
import type { OutboxQuestion, OutboxReader } from './outbox-reader.ts'
import type { ForgetMessage, ListedCells, ReadMessage, TailCells } from './reader.ts'
import { StatementRefused } from './own-sql.ts'
import { flattenRows } from './row-cells.ts'
import type { SentCells } from './row-cells.ts'
import { serveThread } from './serve-thread.ts'
import { storeError } from './sqlite-errors.ts'
import type { RefusedStatement } from './view-messages.ts'
import { createViewReader } from './view-reader.ts'
import type { ViewQuestion, ViewReader } from './view-reader.ts'

interface Log {
  readonly reader: LogReader
  readonly lists: LogLists
  readonly old: OldCommits
  readonly outbox: OutboxReader
  readonly jobs: JobReads
  readonly audit: AuditReader
}
const logs = new Map<string, Log>()
const views = new Map<string, ViewReader>()

function log(path: string): Log {
  let opened = logs.get(path)
  if (opened === undefined) {
    const db = openForReading(path)
    const reader = createLogReader(db)
    opened = {
      reader,
      lists: createLogLists(db),
      old: createOldCommits(db),
      outbox: createOutboxReader(db),
      jobs: createJobReader(db),
      audit: createAuditReader(db),
    }
    logs.set(path, opened)
  }
  return opened
}
function view(path: string): ViewReader {
  const reader = views.get(path) ?? createViewReader(openForReading(path))
  views.set(path, reader)
  return reader
}

function copy(path: string, to: string): boolean {
  const db = openForReading(path)
  try {
    db.prepare('VACUUM INTO ?').run(to)
    return true
  } finally {
    db.close()
  }
}

function events(rows: readonly Row[]): SentCells {
  return flattenRows(rows, eventCells)
}
function listed({ items, limit, total }: ListedRows, width: number): ListedCells {
  return { cells: flattenRows(items, width), limit, total }
}

function tails(found: readonly (readonly Row[])[]): TailCells {
  return { cells: events(found.flat()), lengths: found.map(({ length }) => length) }
}

function askOutbox(outbox: OutboxReader, { ask, given }: OutboxQuestion): unknown {
  return (outbox[ask] as (...given: readonly unknown[]) => unknown)(...given)
}

function askJobs(jobs: JobReads, { ask, given }: JobQuestion): unknown {
  return (jobs[ask] as (...given: readonly unknown[]) => unknown)(...given)
}

function askAudit(audit: AuditReader, { ask, given }: AuditQuestion): unknown {
  return (audit[ask] as (...given: readonly unknown[]) => unknown)(...given)
}

function askView(reader: ViewReader, { ask, given }: ViewQuestion): unknown {
  try {
    return (reader[ask] as (...given: readonly unknown[]) => unknown)(...given)
  } catch (error) {
    if (error instanceof StatementRefused) return { refused: error.message } satisfies RefusedStatement
    throw error
  }
}

function forget(path: string): void {
  views.get(path)?.close()
  views.delete(path)
}

function answer(message: ReadMessage | ForgetMessage): unknown {
  const { path } = message
  if (message.do === 'forget') return forget(path)
  if (message.do === 'readAll') return events(log(path).reader.readAll(message.read))
  if (message.do === 'readStream') return events(log(path).reader.readStream(message.read))
  if (message.do === 'readTails') return tails(log(path).reader.readTails(message.read))
  if (message.do === 'events') return listed(log(path).lists.events(message.filter, message.asked), eventCells)
  if (message.do === 'totalEvents') return log(path).lists.totalEvents(message.filter)
  if (message.do === 'values') return log(path).lists.values(message.field, message.filter, message.page)
  if (message.do === 'commands') return listed(log(path).lists.commands(message.filter, message.asked), recordCells)
  if (message.do === 'totalCommands') return log(path).lists.totalCommands(message.filter)
  if (message.do === 'oldRecords') return log(path).old.records(message.purge)
  if (message.do === 'oldKeys') return log(path).old.keys(message.before, message.limit)
  if ('ofAudit' in message) return askAudit(log(path).audit, message.ofAudit)
  if ('ofJobs' in message) return askJobs(log(path).jobs, message.ofJobs)
  if ('question' in message) return askOutbox(log(path).outbox, message.question)
  if (message.do === 'copy') return copy(path, message.to)
  return askView(view(path), message.ofView)
}

serveThread({
  handle: (message) => {
    try {
      return answer(message as ReadMessage | ForgetMessage)
    } catch (error) {
      throw storeError(error, (message as ReadMessage).path)
    }
  },
  close: () => {
    for (const { reader } of logs.values()) reader.close()
    for (const reader of views.values()) reader.close()
  },
})
