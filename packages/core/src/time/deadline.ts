// A deadline together with the caller's signal: one object that a piece of work can ask, wait on and release.
import { GestaError } from '../errors/gesta-error.ts'
import type { Alarms } from './alarms.ts'
import type { Timer } from './clock.ts'
import type { Place } from './line.ts'
import { onAbort } from './on-abort.ts'

export interface Deadline {
  /** Whether anything can end the work early. */
  readonly limited: boolean
  /** Aborts when the deadline passes or the caller aborts. Made on first use: most work never asks. */
  readonly signal: AbortSignal
  /** Milliseconds left; `Infinity` without a deadline. */
  leftMs(): number
  /** Throws `deadline_exceeded`, or the caller's abort reason. */
  check(doing: string): void
  /** The work's result, or `deadline_exceeded` (or the caller's abort reason) when that comes first. */
  race<T>(doing: string, work: Promise<T>): Promise<T>
  /** Frees what waits for the deadline. Call it when the work has ended. */
  release(): void
}

/** A deadline `deadlineMs` from now and the caller's signal, both optional. */
export function deadline(alarms: Alarms, deadlineMs: number | undefined, signal: AbortSignal | undefined): Deadline {
  if (deadlineMs === undefined && signal === undefined) return unlimited
  if (Number.isNaN(deadlineMs)) throw new RangeError('Expected deadlineMs to be milliseconds from now, received NaN.')
  return new LimitedDeadline(
    alarms,
    deadlineMs === undefined ? Number.POSITIVE_INFINITY : alarms.clock.monotonicUs() + deadlineMs * 1000,
    signal,
  )
}

const unlimited: Deadline = {
  limited: false,
  // A new one each time: listeners of all the work of a process would pile up on a shared one.
  get signal() {
    return new AbortController().signal
  },
  leftMs: () => Number.POSITIVE_INFINITY,
  check: () => undefined,
  race: (_doing, work) => work,
  release: () => undefined,
}

/** What was set up to end the work early, and is taken back when the work has ended by itself. */
class Ending {
  readonly #alarm: Timer | undefined
  readonly #place: Place | undefined

  constructor(alarm: Timer | undefined, place: Place | undefined) {
    this.#alarm = alarm
    this.#place = place
  }

  release(): void {
    this.#alarm?.cancel()
    this.#place?.leave()
  }
}

class LimitedDeadline implements Deadline {
  readonly limited = true
  readonly #alarms: Alarms
  readonly #atUs: number
  readonly #caller: AbortSignal | undefined
  #controller: AbortController | undefined
  #ending: Ending | undefined

  constructor(alarms: Alarms, atUs: number, caller: AbortSignal | undefined) {
    this.#alarms = alarms
    this.#atUs = atUs
    this.#caller = caller
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController()
      this.#controller = controller
      this.#ending = this.#onEnd(() => controller.abort(this.#reason('the work was going on')))
    }
    return this.#controller.signal
  }

  leftMs(): number {
    return (this.#atUs - this.#alarms.clock.monotonicUs()) / 1000
  }

  check(doing: string): void {
    if (this.#caller?.aborted === true || this.leftMs() <= 0) throw this.#reason(doing)
  }

  race<T>(doing: string, work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const ending = this.#onEnd(() => reject(this.#reason(doing)))
      work.then(
        (value) => {
          ending.release()
          resolve(value)
        },
        (error: Error) => {
          ending.release()
          reject(error)
        },
      )
    })
  }

  release(): void {
    this.#ending?.release()
  }

  /** Calls `end` once, when the deadline passes or the caller aborts. */
  #onEnd(end: () => void): Ending {
    const caller = this.#caller
    if (caller?.aborted === true) end()
    return new Ending(
      Number.isFinite(this.#atUs) ? this.#alarms.set(this.#atUs, end) : undefined,
      caller === undefined || caller.aborted ? undefined : onAbort(caller, end),
    )
  }

  #reason(doing: string): Error {
    if (this.#caller?.aborted === true) return this.#caller.reason as Error
    return new GestaError(
      'deadline_exceeded',
      `The deadline passed while ${doing}. Try again, or allow more time with deadlineMs.`,
    )
  }
}
