// The clock and ids that the suite is given, and waiting for what the other side of a connection brings about.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
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
    newId: () => randomUUID(),
    random: () => Math.random(),
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  },
}

export async function until(condition: () => boolean): Promise<void> {
  const endAt = performance.now() + 30_000
  while (!condition()) {
    assert.ok(performance.now() < endAt, 'Expected a condition to come about within 30 seconds.')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}
