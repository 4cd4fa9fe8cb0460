// Random steps of several tenants on one store, each tenant's also on a store in memory that it has for itself. What a tenant is shown
// must be the same in both, after every step of anybody: so no step of one tenant changes or shows a byte of another.
import assert from 'node:assert/strict'
import { createMemorySnapshotStore } from '../../stores/snapshot/memory-snapshot-store.ts'
import type { Snapshot, SnapshotKey, SnapshotStore } from '../../stores/snapshot/snapshot-store.ts'
import { snapshot } from './given.ts'

/** Names whose concatenations and cases are easily confused. */
const tenants = ['', 'a', 'A', 'a:a']
const names = ['a', 'A', 'a:a']
const logs = ['log-1', 'log-2']

export type SnapshotStep =
  | { readonly do: 'save'; readonly snapshot: Snapshot; readonly since: number | undefined }
  | { readonly do: 'delete'; readonly key: SnapshotKey }
  | { readonly do: 'deletePersonal' | 'reset'; readonly key: SnapshotKey }

/** One step for each number; any whole number from 0 is a step. */
export function snapshotSteps(numbers: readonly number[]): readonly SnapshotStep[] {
  return numbers.map((number) => {
    let rest = number
    const take = <T>(choices: readonly T[]): T => {
      const choice = choices[rest % choices.length] as T
      rest = Math.floor(rest / choices.length)
      return choice
    }
    const kind = take(['save', 'save', 'save', 'save', 'delete', 'deletePersonal', 'reset'] as const)
    const key = { tenant: take(tenants), aggregateType: take(names), aggregateId: take(names) }
    if (kind !== 'save') return { do: kind, key }
    const fields = { version: 1 + take([0, 1, 2, 3]), stateVersion: take([1, 2]), incarnation: take(logs) }
    const personal = take([true, false])
    // Now and then a number of removals of before.
    return { do: kind, snapshot: snapshot({ ...key, ...fields, personal }), since: take([undefined, 0, 0, 1]) }
  })
}

/** Plays steps on an empty store; throws an assertion error at the first difference. For property tests with any library. */
export async function playSnapshotSteps(store: SnapshotStore, steps: readonly SnapshotStep[]): Promise<void> {
  const alone = new Map(tenants.map((tenant) => [tenant, createMemorySnapshotStore()]))
  for (const step of steps) {
    const { tenant } = step.do === 'save' ? step.snapshot : step.key
    const own = alone.get(tenant) as SnapshotStore
    assert.deepEqual(await play(store, step), await play(own, step))
    for (const [each, its] of alone) assert.deepEqual(await shown(store, each), await shown(its, each))
  }
}

async function play(store: SnapshotStore, step: SnapshotStep): Promise<unknown> {
  if (step.do === 'save') {
    const { tenant } = step.snapshot
    const known = step.since === undefined ? undefined : (await store.removals(tenant)) - step.since
    return store.save(step.snapshot, known)
  }
  if (step.do === 'delete') return store.delete(step.key)
  return step.do === 'reset' ? store.reset(step.key.tenant) : store.deletePersonal(step.key.tenant)
}

async function shown(store: SnapshotStore, tenant: string): Promise<unknown> {
  const keys = names.flatMap((aggregateType) => names.map((aggregateId) => ({ tenant, aggregateType, aggregateId })))
  const asked = keys.flatMap((key) => [1, 2].flatMap((shape) => logs.map((log) => store.latest(key, shape, log))))
  return [await Promise.all(asked), await store.total(tenant), await store.removals(tenant)]
}
