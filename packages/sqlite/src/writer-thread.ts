// The writer thread: the only place that writes to the log.
import type { EventRewrite, LogIdentity } from '@gesta/core/ports'
import { createAppender } from './append.ts'
import type { Appender } from './append.ts'
import { createCheckpoints } from './checkpoints.ts'
import type { Checkpoints } from './checkpoints.ts'
import { decodeGroup, encodeVerdicts } from './commit-cells.ts'
import type { Cells } from './commit-cells.ts'
import { crashing } from './crash-steps.ts'
import { openForWriting } from './database.ts'
import type { WritingOptions } from './database.ts'
import type { SentExchange } from './job-cells.ts'
import type { LogChange } from './log-writer.ts'
import { serveThread, threadData } from './serve-thread.ts'
import { storeError } from './sqlite-errors.ts'

export interface WriterData {
  readonly path: string
  readonly options: WritingOptions
}
/** `again`: an earlier attempt may have stored it. */
export type WriteMessage =
  | { readonly do: 'append'; readonly again: boolean; readonly cells: Cells }
  | { readonly do: 'rewrite'; readonly again: boolean; readonly rewrite: EventRewrite }
  | { readonly do: 'change'; readonly again: boolean; readonly change: LogChange }
  | { readonly do: 'exchange'; readonly again: boolean; readonly exchange: SentExchange }
  | { readonly do: 'reset' | 'fork'; readonly identity: LogIdentity }

const { path, options } = threadData() as WriterData
let opened: { readonly appender: Appender; readonly checkpoints: Checkpoints } | undefined

function open(): { readonly appender: Appender; readonly checkpoints: Checkpoints } {
  try {
    const connect = crashing(() => openForWriting(path, options), options.crash)
    return { appender: createAppender(connect, path), checkpoints: createCheckpoints(connect) }
  } catch (error) {
    throw storeError(error, path)
  }
}

function answer(message: WriteMessage): unknown {
  opened ??= open()
  const { appender } = opened
  if (message.do === 'append') return encodeVerdicts(appender.append(decodeGroup(message.cells), message.again))
  if (message.do === 'rewrite') return appender.rewrite(message.rewrite, message.again)
  if (message.do === 'change') return appender.change(message.change, message.again)
  if (message.do === 'exchange') return appender.exchange(message.exchange, message.again)
  return appender[message.do](message.identity)
}

serveThread({
  handle: (message) => answer(message as WriteMessage),
  answered: () => opened?.checkpoints.wrote(),
  idle: () => opened?.checkpoints.quiet(),
  close: () => {
    opened?.appender.close()
    opened?.checkpoints.close()
  },
})
