// What a run says of itself while it goes on: lines and progress, kept until the worker's next word to the store.
import { linesMax } from '../stores/job/job.ts'
import type { JobLine, JobProgress } from '../stores/job/job.ts'
import type { Clock } from '../time/clock.ts'

export interface Told {
  readonly lines?: readonly JobLine[] | undefined
  readonly progress?: JobProgress | undefined
}
export interface Telling {
  log(text: string): void
  progress(done: number, of: number | undefined, note: string | undefined): void
  /** What was said since the last time it was taken; absent: nothing. */
  take(): Told | undefined
}

/** Characters of a line, and of a note. */
const wordsMax = 1_000

export function createTelling({ nowUs }: Pick<Clock, 'nowUs'>, attempt: number): Telling {
  let lines: JobLine[] = []
  let progress: JobProgress | undefined
  return {
    log: (text) => {
      lines.push({ at: nowUs(), attempt, text: words(text) })
      // Only the newest are kept anyway; a run that says too much must not fill the memory.
      if (lines.length > 2 * linesMax) lines = lines.slice(-linesMax)
    },
    progress: (done, of, note) => {
      checkNumber(done, 'done')
      if (of !== undefined) checkNumber(of, 'of')
      progress = { done, of, note: note === undefined ? undefined : words(note) }
    },
    take: () => {
      if (lines.length === 0 && progress === undefined) return undefined
      const told = { lines: lines.slice(-linesMax), progress }
      lines = []
      progress = undefined
      return told
    },
  }
}

/** As much of a text as is kept, in whole characters that every store takes. */
export function words(text: string): string {
  return text.slice(0, wordsMax).toWellFormed().replaceAll('\0', '')
}

function checkNumber(value: number, name: string): void {
  if (!Number.isFinite(value))
    throw new RangeError(`Expected ${name} of a job's progress to be a number, received ${value}.`)
}
