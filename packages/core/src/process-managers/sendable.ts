// What a process manager sends: commands and jobs, at once or later.
import { checkDelayMs } from '../contracts/check-job-options.ts'
import type { Command, Job } from '../contracts/messages.ts'

/** A command or a job that is begun after a time. */
export interface Later {
  /** Milliseconds after what is reacted to was taken in. */
  readonly delayMs: number
  readonly later: Command<string, unknown, unknown, unknown> | Job<string, unknown>
}
export type Sendable = Command<string, unknown, unknown, unknown> | Job<string, unknown> | Later

/**
 * Sends a command or a job later; it is stored with what is decided now, and nothing forgets it.
 * @param delayMs milliseconds, a whole number from 0 to a hundred years.
 * Errors: a `RangeError` for another number. Reference: docs/reference/process-managers.md.
 */
export function later(delayMs: number, message: Later['later']): Later {
  checkDelayMs(delayMs, `later(delayMs, ${message.type})`)
  return { delayMs, later: message }
}
