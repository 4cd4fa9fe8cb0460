// The signals that ask a process to stop: once to stop in order, twice to end.
import { constants } from 'node:os'

const names = ['SIGTERM', 'SIGINT'] as const

export interface Signals {
  /** Resolves at the first one. */
  readonly came: Promise<void>
  /** Aborts at the first one. */
  readonly first: AbortSignal
  /** Which one came first. */
  readonly signal: string | undefined
  /** Milliseconds since the first one came; 0 before. */
  agoMs(): number
  /** Calls back at the second one, with its number; without it, the second one ends the process. */
  again(end: (number: number) => void): void
  /** Leaves what comes from now on to the platform, which ends the process. */
  stopListening(): void
}

export function listenForSignals(): Signals {
  const came = Promise.withResolvers<void>()
  const first = new AbortController()
  let signal: string | undefined
  let cameMs: number | undefined
  let end = (number: number): void => process.exit(128 + number)
  const receive = (name: (typeof names)[number]): void => {
    if (signal !== undefined) return end(constants.signals[name])
    signal = name
    cameMs = performance.now()
    first.abort(new DOMException(`The process received ${name}.`, 'AbortError'))
    came.resolve()
  }
  for (const name of names) process.on(name, receive)
  return {
    came: came.promise,
    first: first.signal,
    get signal() {
      return signal
    },
    agoMs: () => (cameMs === undefined ? 0 : performance.now() - cameMs),
    again: (callback) => {
      end = callback
    },
    stopListening: () => {
      for (const name of names) process.off(name, receive)
    },
  }
}
