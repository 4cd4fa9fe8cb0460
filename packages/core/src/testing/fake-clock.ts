// A clock that stands still until a test moves it, and ids made from it: waits end at once, at exact times.
import { createIds } from '../ids/ids.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import type { Clock, Timer } from '../time/clock.ts'

export interface FakeClock extends Clock {
  /** Lets time pass: timers run in order, each at its own time, and what one sets free runs before the next one. */
  advance(ms: number): Promise<void>
  /** Runs timers, as many as it takes, until the work has settled; its result. */
  finish<T>(work: Promise<T>): Promise<T>
  /** Timers that are set. */
  readonly timers: number
}
interface Waiting extends Timer {
  readonly atUs: number
  readonly run: () => void
}

const startUs = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000
const timersMax = 100_000
/** A test may let go of the event loop itself, so one turn of it without a timer does not mean that nothing will come. */
const idleMax = 1_000

/** Everything that is ready to run now runs; nothing here waits for the outside. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** A clock that begins at 2026-01-02 03:04:05 UTC. Reference: docs/reference/testing-apps.md. */
export function createFakeClock(): FakeClock {
  const waiting = new Set<Waiting>()
  let nowUs = startUs
  const next = (untilUs: number): Waiting | undefined => {
    let first: Waiting | undefined
    for (const timer of waiting)
      if (timer.atUs <= untilUs && (first === undefined || timer.atUs < first.atUs)) first = timer
    return first
  }
  const fire = (timer: Waiting): void => {
    waiting.delete(timer)
    nowUs = Math.max(nowUs, timer.atUs)
    timer.run()
  }
  return {
    nowUs: () => nowUs,
    monotonicUs: () => nowUs,
    after: (delayMs, run) => {
      const timer: Waiting = { atUs: nowUs + Math.ceil(delayMs * 1000), run, cancel: () => waiting.delete(timer) }
      waiting.add(timer)
      return timer
    },
    advance: async (ms) => {
      const untilUs = nowUs + ms * 1000
      await settled()
      for (let timer = next(untilUs); timer !== undefined; timer = next(untilUs)) {
        fire(timer)
        await settled()
      }
      nowUs = untilUs
    },
    finish: async <T>(work: Promise<T>): Promise<T> => {
      let done = false
      const end = (): void => void (done = true)
      work.then(end, end)
      await settled()
      for (let fired = 0, idle = 0; !done && fired < timersMax;) {
        const timer = next(Number.POSITIVE_INFINITY)
        if (timer === undefined && ++idle > idleMax)
          throw new Error('Expected the work to settle, but it waits for nothing that time can bring.')
        if (timer !== undefined) {
          fire(timer)
          fired++
        }
        await settled()
      }
      if (!done) throw new Error(`Expected the work to settle within ${timersMax} timers.`)
      return work
    },
    get timers() {
      return waiting.size
    },
  }
}

/** A runtime on this clock, with the same ids and random numbers in every run. */
export function fakeRuntime(clock: Clock): BackendRuntime {
  let seed = 42
  const fill = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      bytes[at] = seed >>> 24
    }
  }
  return { clock, ids: createIds(clock, fill) }
}
