// The reader thread: long reads, over one connection per file.
import { openForReading } from './database.ts'
import { createLogReader, flattenEvents } from './log-reader.ts'
import type { LogReader } from './log-reader.ts'
import type { ReadMessage } from './reader.ts'
import { serveThread } from './serve-thread.ts'
import { storeError } from './sqlite-errors.ts'
import { createViewReader } from './view-reader.ts'
import type { ViewReader } from './view-reader.ts'

const logs = new Map<string, LogReader>()
const views = new Map<string, ViewReader>()

function log(path: string): LogReader {
  const reader = logs.get(path) ?? createLogReader(openForReading(path))
  logs.set(path, reader)
  return reader
}
function view(path: string): ViewReader {
  const reader = views.get(path) ?? createViewReader(openForReading(path))
  views.set(path, reader)
  return reader
}

function answer(message: ReadMessage): unknown {
  const { path } = message
  if (message.do === 'readAll') return flattenEvents(log(path).readAll(message.read))
  if (message.do === 'readStream') return flattenEvents(log(path).readStream(message.read))
  if (message.do === 'load') return view(path).load(message.keys)
  if (message.do === 'list') return view(path).list(message.tenant, message.range)
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
    for (const reader of [...logs.values(), ...views.values()]) reader.close()
  },
})
