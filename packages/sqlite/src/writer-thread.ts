// The writer thread: the only place that appends to the log.
import { createAppender } from './append.ts'
import type { Appender } from './append.ts'
import { createCheckpoints } from './checkpoints.ts'
import type { Checkpoints } from './checkpoints.ts'
import { decodeGroup, encodeVerdicts } from './commit-cells.ts'
import type { Cells } from './commit-cells.ts'
import { openForWriting } from './database.ts'
import type { WritingOptions } from './database.ts'
import { serveThread, threadData } from './serve-thread.ts'
import { storeError } from './sqlite-errors.ts'

export interface WriterData {
  readonly path: string
  readonly options: WritingOptions
}
/** `again`: an earlier attempt may have stored the group. */
export interface WriteMessage {
  readonly again: boolean
  readonly cells: Cells
}

const { path, options } = threadData() as WriterData
let opened: { readonly appender: Appender; readonly checkpoints: Checkpoints } | undefined

function open(): { readonly appender: Appender; readonly checkpoints: Checkpoints } {
  try {
    const connect = () => openForWriting(path, options)
    return { appender: createAppender(connect, path), checkpoints: createCheckpoints(connect) }
  } catch (error) {
    throw storeError(error, path)
  }
}

serveThread({
  handle: (message) => {
    const { again, cells } = message as WriteMessage
    opened ??= open()
    return encodeVerdicts(opened.appender.append(decodeGroup(cells), again))
  },
  answered: () => opened?.checkpoints.wrote(),
  idle: () => opened?.checkpoints.quiet(),
  close: () => {
    opened?.appender.close()
    opened?.checkpoints.close()
  },
})
