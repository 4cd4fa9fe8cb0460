// Groups on their way to the writer thread. A thread that dies is replaced, and its groups are written again under the same ids.
import { GestaError } from '@gesta/core/ports'
import type { Commit, Verdict } from '@gesta/core/ports'
import { decodeVerdicts, encodeGroup } from './commit-cells.ts'
import type { Cells } from './commit-cells.ts'
import { createThread, ThreadDied } from './thread.ts'
import type { Thread } from './thread.ts'
import { moduleUrl } from './thread-modules.ts'
import type { WriteMessage, WriterData } from './writer-thread.ts'

const attemptsMax = 3

export interface Writer {
  write(group: readonly Commit[]): Promise<readonly Verdict[]>
  close(): Promise<void>
  readonly thread: Thread
}

export function createWriter(data: WriterData): Writer {
  const thread = createThread(moduleUrl('writer-thread'), data)
  return {
    thread,
    write: async (group) => {
      const cells = encodeGroup(group)
      let cause: unknown
      for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
        try {
          const message: WriteMessage = { again: attempt > 1, cells }
          return decodeVerdicts((await thread.call(message)) as Cells)
        } catch (error) {
          cause = error
          if (error instanceof ThreadDied) continue
          // What a thread that died had stored is not known, whatever the next one says.
          if (attempt > 1) break
          throw error
        }
      }
      const message = `Expected the writer of ${data.path} to answer, but its thread died while it wrote, and writing again has not settled it. Send the commands again under the same ids; if it goes on, look at the cause.`
      throw new GestaError('outcome_unknown', message, { cause, facts: { path: data.path } })
    },
    close: () => thread.close(),
  }
}
