// What the cache costs: a value that is in memory, beside a plain Map behind a promise; and many that ask at once for one that is not,
// beside one load and a promise for each of them.
import { cacheKey, createApp } from '@gesta/core'
import type { AppCache } from '@gesta/core'
import { compare, inLanes, timed } from '../measure.ts'
import type { Effort, Subject } from '../measure.ts'
import { rowOf } from '../row.ts'
import type { Row } from '../row.ts'
import type { Suite } from './suite.ts'

const keys = 1_000
const missesAtOnce = 1_000
const options = { ttlMs: 3_600_000, aggregates: [[{ name: 'Price' }, 'one']] } as const
const priceOf = cacheKey<{ readonly pence: number }>('Price')
const load = async (): Promise<{ readonly pence: number }> => ({ pence: 5 })

export const cache: Suite = async function* (effort) {
  yield await hits(effort)
  yield await misses(effort)
}

async function startCache(): Promise<{ readonly cache: AppCache; [Symbol.asyncDispose](): Promise<void> }> {
  const running = await createApp('cache', { domains: [] }).start()
  return { cache: running.cache, [Symbol.asyncDispose]: async () => running[Symbol.asyncDispose]() }
}

function subjectOf(ask: (index: number) => Promise<unknown>, close?: () => Promise<void>): Subject {
  return {
    run: (first, count) => inLanes(1, first, count, ask),
    time: (first, count, latenciesUs) => inLanes(1, first, count, timed(latenciesUs, first, ask)),
    [Symbol.asyncDispose]: async () => close?.(),
  }
}

/** The keys are made within the time, as a handler makes them. */
async function hits(effort: Effort): Promise<Row> {
  const gesta = async (): Promise<Subject> => {
    const { cache: asked, ...rest } = await startCache()
    return subjectOf((index) => asked.get(priceOf(index % keys), load, options), rest[Symbol.asyncDispose])
  }
  const bare = async (): Promise<Subject> => {
    const kept = new Map(Array.from({ length: keys }, (_, index) => [`Price/${index}`, { pence: 5 }]))
    return subjectOf(async (index) => kept.get(`Price/${index % keys}`))
  }
  return rowOf('cache', 'hit', 'none', await compare(gesta, bare, effort, keys))
}

/** Each ask is a thousand at once, of a key of its own. */
async function misses(effort: Effort): Promise<Row> {
  const all = (ask: () => Promise<unknown>): Promise<unknown> => Promise.all(Array.from({ length: missesAtOnce }, ask))
  const gesta = async (): Promise<Subject> => {
    const { cache: asked, ...rest } = await startCache()
    const close = async (): Promise<void> => {
      const { loads, misses: missed } = asked.state
      if (loads * missesAtOnce !== missed)
        throw new Error(`Expected one load for ${missesAtOnce} misses, received ${loads} for ${missed}.`)
      await rest[Symbol.asyncDispose]()
    }
    let made = 0
    return subjectOf(() => {
      const key = priceOf(made++)
      return all(() => asked.get(key, load, options))
    }, close)
  }
  const bare = async (): Promise<Subject> =>
    subjectOf(() => {
      const loading = load()
      return all(async () => loading)
    })
  return rowOf('cache', `${missesAtOnce} misses of one key at once`, 'none', await compare(gesta, bare, effort, 1))
}
