// The clock and ids that a backend is lent where no app opens it.
import type { BackendRuntime } from '@gesta/core/ports'

export const runtime: BackendRuntime = {
  clock: {
    nowUs: () => Date.now() * 1000,
    monotonicUs: () => performance.now() * 1000,
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs)
      return { cancel: () => clearTimeout(timer) }
    },
  },
  ids: {
    newId: () => crypto.randomUUID(),
    random: Math.random,
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  },
}
