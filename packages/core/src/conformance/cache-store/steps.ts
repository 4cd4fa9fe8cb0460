// Random steps against a cache that nothing is evicted from, and against a map that says what must be in it. After each step
// everything that the cache shows is compared, tenant by tenant.
import assert from 'node:assert/strict'
import type { CacheKey, CacheStore } from '../../stores/cache/cache-store.ts'
import { everyPage, hourMs } from './given.ts'

/** Names whose concatenations, cases and encodings are easily confused. */
const tenants = ['', 'a', 'A', 'a:a', '*', '1']
const keys = ['a', 'A', 'a:a', ':a', '*', '\uffee', '\u{10000}']

export interface CacheStep {
  readonly do: 'set' | 'set for an hour' | 'delete' | 'list' | 'flush'
  readonly at: CacheKey
  readonly value: string
  readonly limit: number
}

/** One step for each number; any whole number from 0 is a step. */
export function cacheSteps(numbers: readonly number[]): readonly CacheStep[] {
  const kinds = ['set', 'set', 'set', 'set for an hour', 'delete', 'list', 'flush'] as const
  return numbers.map((number) => {
    let rest = number
    const take = <T>(choices: readonly T[]): T => {
      const choice = choices[rest % choices.length] as T
      rest = Math.floor(rest / choices.length)
      return choice
    }
    return {
      do: take(kinds),
      at: { tenant: take(tenants), key: take(keys) },
      value: String(number),
      limit: 1 + (rest % 4),
    }
  })
}

/** Plays steps on an empty cache; throws an assertion error at the first difference. For property tests with any library. */
export async function playCacheSteps(store: CacheStore, steps: readonly CacheStep[]): Promise<void> {
  const model = new Map(tenants.map((tenant) => [tenant, new Map<string, string>()]))
  for (const step of steps) {
    const entries = model.get(step.at.tenant) ?? new Map<string, string>()
    await play(store, entries, step)
    for (const [tenant, expected] of model) {
      assert.deepEqual(await shown(store, tenant, 1000), inOrder(expected))
      assert.equal(await store.total(tenant), expected.size)
    }
  }
}

async function play(
  store: CacheStore,
  entries: Map<string, string>,
  { do: what, at, value, limit }: CacheStep,
): Promise<void> {
  if (what === 'flush') {
    await store.flush(at.tenant)
    entries.clear()
  } else if (what === 'list') {
    assert.deepEqual(await shown(store, at.tenant, limit), inOrder(entries))
    assert.equal(await store.get(at), entries.get(at.key))
  } else if (what === 'delete') {
    assert.equal(await store.delete(at), entries.delete(at.key))
  } else {
    await store.set(at, value, what === 'set' ? {} : { ttlMs: hourMs })
    entries.set(at.key, value)
  }
}

async function shown(store: CacheStore, tenant: string, limit: number): Promise<readonly (readonly string[])[]> {
  return (await everyPage(store, tenant, limit)).map(({ key, value }) => [key, value])
}

function inOrder(entries: ReadonlyMap<string, string>): readonly (readonly string[])[] {
  return [...entries].sort(([a], [b]) => Buffer.from(a).compare(Buffer.from(b)))
}
