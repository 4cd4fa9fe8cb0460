// Readers and writers of several processes in any order, loads that take any time, a shared layer that comes and goes: nobody is given
// what is older than what their process had heard of when they asked.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cacheKey } from '../../src/cache/cache-key.ts'
import { createMemoryCacheStore } from '../../src/stores/cache/memory-cache-store.ts'
import type { CacheStore } from '../../src/stores/cache/cache-store.ts'
import { settled } from '../fake-clock.ts'
import { createLog, createProcess, Price } from './given.ts'

const keyOf = cacheKey<{ readonly version: number }>('Test.Version')
const ids = ['tea', 'milk'] as const
const processCount = 2
const failure = new Error('The load failed.')

interface Step {
  readonly kind: 'write' | 'ask' | 'end' | 'fail' | 'hear' | 'wait' | 'outage' | 'deaf'
  readonly process: number
  readonly id: number
}
const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('write', 'ask', 'ask', 'ask', 'end', 'end', 'fail', 'hear', 'wait', 'outage', 'deaf'),
  process: fc.nat(processCount - 1),
  id: fc.nat(ids.length - 1),
})

/** A cache store that may be away. */
function mortal(store: CacheStore, isAway: () => boolean): CacheStore {
  const away = (): Promise<never> => Promise.reject(new Error('away'))
  return {
    ...store,
    get: (key) => (isAway() ? away() : store.get(key)),
    set: (key, value, options) => (isAway() ? away() : store.set(key, value, options)),
  }
}

async function play(steps: readonly Step[], hasShared: boolean): Promise<void> {
  const log = createLog()
  let away = false
  const sharedStore = hasShared ? mortal(createMemoryCacheStore(log.clock), () => away) : undefined
  const processes = Array.from({ length: processCount }, () => ({
    ...createProcess(log, { manyWriters: true, ...(sharedStore && { sharedStore }) }),
    /** By id: the version that the process knows of. */
    known: ids.map(() => 0),
  }))
  const truth = ids.map(() => 0)
  const loads: ((error?: Error) => void)[] = []
  const asked: Promise<void>[] = []

  const ask = (process: (typeof processes)[number], id: number): void => {
    const atLeast = process.known[id] ?? 0
    const load = async (): Promise<{ version: number }> => {
      // What is read at once and answered late is the old value of a slow reader.
      const version = truth[id] ?? 0
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      loads.push((error) => (error === undefined ? resolve() : reject(error)))
      await promise
      return { version }
    }
    const options = {
      ttlMs: 10_000,
      aggregates: [[Price, ids[id] ?? '']],
      staleOnErrorMs: 10_000,
      staleWhileLoadingMs: 10_000,
    } as const
    const check = process.get(keyOf(id), load, options).then(
      (value) =>
        assert.ok((value?.version ?? -1) >= atLeast, `received ${value?.version}, which is older than ${atLeast}`),
      (error: unknown) => assert.equal(error, failure),
    )
    asked.push(check)
  }
  const run: { readonly [kind in Step['kind']]: (process: (typeof processes)[number], id: number) => Promise<void> } = {
    write: async (process, id) => {
      const writing = process.write('Price', ids[id] ?? '')
      // Stored and true at one moment: the store in memory does it before it answers.
      truth[id] = (truth[id] ?? 0) + 1
      await writing
      process.known[id] = truth[id] ?? 0
    },
    ask: async (process, id) => ask(process, id),
    end: async () => loads.shift()?.(),
    fail: async () => loads.shift()?.(failure),
    hear: async (process) => {
      await process.hear()
      process.known.splice(0, ids.length, ...truth)
    },
    wait: () => log.clock.advance(4_000),
    outage: async () => void (away = !away),
    deaf: async (process) => process.cache.followed(undefined),
  }
  for (const { kind, process, id } of steps) {
    const at = processes[process]
    if (at === undefined) continue
    await run[kind](at, id)
    await settled()
  }
  // All loads end, all processes hear: nothing old has stayed anywhere.
  away = false
  const settle = async (): Promise<void> => {
    while (loads.length > 0) {
      loads.shift()?.()
      await settled()
    }
  }
  await settle()
  await log.clock.advance(5_000)
  for (const process of processes) await run.hear(process, 0)
  for (const process of processes) for (const id of ids.keys()) ask(process, id)
  await settled()
  await settle()
  await Promise.all(asked)
}

async function holds(hasShared: boolean): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), (steps) => play(steps, hasShared)),
    { numRuns: 300 },
  )
}
test('nobody is given an old value, whatever comes first in memory', () => holds(false))
test('nobody is given an old value, whatever comes first over a shared layer', () => holds(true))
