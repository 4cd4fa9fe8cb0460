// Time as core sees it: integer microseconds since 1970 UTC, and timers. Injected by the composition root.

export interface Timer {
  cancel(): void
}

/** Clock and timers. Core never asks the global ones, so a fake clock works everywhere. */
export interface Clock {
  /** Microseconds since 1970-01-01 UTC, an integer. Not monotonic: order comes from positions. */
  nowUs(): number
  /** Microseconds of a clock that only goes forward, from any start: for deadlines and waits, which no clock change may move. */
  monotonicUs(): number
  /** Calls `run` once after `delayMs` milliseconds. */
  after(delayMs: number, run: () => void): Timer
}

let formattedMs = Number.NaN
let formatted = ''

/** RFC 3339 text in UTC with milliseconds. The last one is kept, because neighbours in the log share it. */
export function timeText(us: number): string {
  const ms = Math.floor(us / 1000)
  if (ms !== formattedMs) {
    formatted = new Date(ms).toISOString()
    formattedMs = ms
  }
  return formatted
}

/** Microseconds of an RFC 3339 text. */
export function timeUs(text: string): number {
  return new Date(text).getTime() * 1000
}
