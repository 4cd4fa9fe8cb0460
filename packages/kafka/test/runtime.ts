// The clock and ids that a bus is lent.
import type { BackendRuntime, Clock } from '@gesta/core/ports'

const clock: Clock = {
  nowUs: () => Date.now() * 1000,
  monotonicUs: () => performance.now() * 1000,
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}
export const runtime: BackendRuntime = {
  clock,
  ids: {
    newId: () => crypto.randomUUID(),
    random: Math.random,
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  },
}
