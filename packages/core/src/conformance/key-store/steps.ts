// Random steps of several tenants on one store, each tenant's also on a store in memory that it has for itself. What a tenant is shown
// must be the same in both, after every step of anybody: so no step of one tenant changes or shows a byte of another.
import assert from 'node:assert/strict'
import type { KeyScope, KeyStore, ShredEntry } from '../../stores/key/key-store.ts'
import { createMemoryKeyStore } from '../../stores/key/memory-key-store.ts'
import { entry, everyKey, wholeLedger, wrappedKey } from './given.ts'

/** Names whose concatenations and cases are easily confused. */
const tenants = ['', 'a', 'A', 'a:a']
const subjects = ['', 'a', 'A', 'a:a', '\u{10000}']

export interface KeyStep {
  readonly do: 'put' | 'rewrap' | 'shred' | 'replay' | 'reset'
  readonly scope: KeyScope
  readonly keyId: string
  readonly wrappedBy: string
  readonly from: string
}

/** One step for each number; any whole number from 0 is a step. */
export function keySteps(numbers: readonly number[]): readonly KeyStep[] {
  return numbers.map((number) => {
    let rest = number
    const take = <T>(choices: readonly T[]): T => {
      const choice = choices[rest % choices.length] as T
      rest = Math.floor(rest / choices.length)
      return choice
    }
    const often = ['put', 'put', 'put', 'put', 'rewrap', 'rewrap', 'shred'] as const
    const kind = take([...often, 'replay', 'reset'] as const)
    const scope = { tenant: take(tenants), subject: take(subjects) }
    const [keyId, wrappedBy, from] = [take(['key-1', 'key-2']), take(['x', 'y']), take(['x', 'y'])]
    return { do: kind, scope, keyId, wrappedBy, from }
  })
}

/** Plays steps on an empty store; throws an assertion error at the first difference. For property tests with any library. */
export async function playKeySteps(store: KeyStore, steps: readonly KeyStep[]): Promise<void> {
  const alone = new Map(tenants.map((tenant) => [tenant, createMemoryKeyStore()]))
  for (const step of steps) {
    const own = alone.get(step.scope.tenant) as KeyStore
    assert.deepEqual(await play(store, step), await play(own, step))
    for (const [each, its] of alone) assert.deepEqual(await shown(store, each), await shown(its, each))
    const ledger = await wholeLedger(store, 3)
    assert.deepEqual(
      ledger.map(({ number }) => number),
      ledger.map((_, index) => index + 1),
    )
  }
}

async function play(store: KeyStore, { do: kind, scope, keyId, wrappedBy, from }: KeyStep): Promise<unknown> {
  const key = wrappedKey({ ...scope, keyId, wrappedBy })
  if (kind === 'put') return store.putIfAbsent(key)
  if (kind === 'rewrap') return store.rewrap({ ...key, wrapped: `bmV3${keyId === 'key-1' ? '' : 'bmV3'}` }, from)
  if (kind === 'shred') return withoutNumber(await store.shred(scope, 'reason', 1))
  if (kind === 'replay') return store.replay([entry(1, { ...scope, keyId })])
  return store.reset(scope.tenant)
}

async function shown(store: KeyStore, tenant: string): Promise<unknown> {
  const keys = await Promise.all(subjects.map((subject) => store.get({ tenant, subject })))
  const ledger = (await wholeLedger(store)).filter((each) => each.tenant === tenant)
  const lists = [await everyKey(store, { tenant }, 2), await everyKey(store, { tenant, wrappedBy: 'x' }, 2)]
  return [keys, lists, ledger.map(withoutNumber), await store.total(tenant)]
}

/** Numbers count over all tenants, so a store of one tenant has others. */
function withoutNumber({ tenant, subject, keyId, reason, shreddedAt }: ShredEntry): Omit<ShredEntry, 'number'> {
  return { tenant, subject, keyId, reason, shreddedAt }
}
