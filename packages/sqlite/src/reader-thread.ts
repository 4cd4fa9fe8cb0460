// A reader thread: long reads, over one connection per file.
import { openForReading } from './database.ts'
import type { Row } from './database.ts'
import { createLogLists } from './log-lists.ts'
import type { ListedRows, LogLists } from './log-lists.ts'
import { createLogReader } from './log-reader.ts'
import type { LogReader } from './log-reader.ts'
import { eventCells, headerCells } from './log-rows.ts'
import { createOutboxReader } from './outbox-reader.ts'
import type { OutboxQuestion, OutboxReader } from './outbox-reader.ts'
import type { ListedCells, ReadMessage } from './reader.ts'
import { flattenRows } from './row-cells.ts'
import type { SentCells } from './row-cells.ts'
import { serveThread } from './serve-thread.ts'
import { storeError } from './sqlite-errors.ts'
import { createViewReader } from './view-reader.ts'
import type { ViewReader } from './view-reader.ts'

interface Log {
  readonly reader: LogReader
  readonly lists: LogLists
  readonly outbox: OutboxReader
}
const logs = new Map<string, Log>()
const views = new Map<string, ViewReader>()

function log(path: string): Log {
  let opened = logs.get(path)
  if (opened === undefined) {
    const db = openForReading(path)
    opened = { reader: createLogReader(db), lists: createLogLists(db), outbox: createOutboxReader(db) }
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

function askOutbox(outbox: OutboxReader, { ask, given }: OutboxQuestion): unknown {
  return (outbox[ask] as (...given: readonly unknown[]) => unknown)(...given)
}

function answer(message: ReadMessage): unknown {
  const { path } = message
  if (message.do === 'readAll') return events(log(path).reader.readAll(message.read))
  if (message.do === 'readStream') return events(log(path).reader.readStream(message.read))
  if (message.do === 'events') return listed(log(path).lists.events(message.filter, message.asked), eventCells)
  if (message.do === 'totalEvents') return log(path).lists.totalEvents(message.filter)
  if (message.do === 'values') return log(path).lists.values(message.field, message.filter, message.page)
  if (message.do === 'commands') return listed(log(path).lists.commands(message.filter, message.asked), headerCells)
  if (message.do === 'totalCommands') return log(path).lists.totalCommands(message.filter)
  if ('question' in message) return askOutbox(log(path).outbox, message.question)
  if (message.do === 'load') return view(path).load(message.keys)
  if (message.do === 'list') return view(path).list(message.tenant, message.range)
  if (message.do === 'copy') return copy(path, message.to)
  return view(path).find(message.tenant, message.filter)
}

serveThread({
  handle: (message) => {
    try {
      return answer(message as ReadMessage)
    } catch (error) {
      throw storeError(error, (message as ReadMessage).path)
    }
  },
  close: () => {
    for (const { reader } of logs.values()) reader.close()
    for (const reader of views.values()) reader.close()
  },
})
