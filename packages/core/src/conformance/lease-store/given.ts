// What the cases of this suite are written with: a lease store, and a way to let its time pass.
import assert from 'node:assert/strict'
import type { Lease, LeaseStore } from '../../stores/lease/lease-store.ts'
import type { GivenStore, StorePlace } from '../store-place.ts'
import type { Case } from '../suite.ts'

/**
 * `durable`: tokens go on rising when the store is closed and opened again.
 * `shared`: the same place can be opened several times at once, by one process or by many.
 */
export type LeaseStoreCapability = 'durable' | 'shared'
/** A place whose time can be made to pass. */
export interface LeaseStorePlace extends StorePlace<LeaseStore> {
  /** Lets this many milliseconds pass by the clock of the store: a fake clock is moved, a database's is waited for. */
  pass(ms: number): Promise<void>
}
export interface GivenLeaseStore extends GivenStore<LeaseStore> {
  pass(ms: number): Promise<void>
}
export type LeaseStoreCase = Case<GivenLeaseStore, LeaseStoreCapability>

/** Milliseconds of a lease that a case wants to hold, however slow the machine is. */
export const longMs = 3_600_000
/** Milliseconds of a lease that a case wants to end. */
const shortMs = 20
const passesMax = 500

export async function acquired(
  store: LeaseStore,
  name: string,
  owner: string,
  durationMs: number = longMs,
): Promise<Lease> {
  const lease = await store.acquire(name, owner, durationMs)
  assert.ok(lease !== undefined, `Expected ${owner} to acquire ${name}.`)
  return lease
}
/** A lease that was held and has run out by the clock of the store. */
export async function expired({ store, pass }: GivenLeaseStore, name: string, owner: string): Promise<Lease> {
  const lease = await acquired(store, name, owner, shortMs)
  await untilFree({ store, pass }, name)
  return lease
}
/** Lets time pass until nobody holds the name. */
export async function untilFree({ store, pass }: Pick<GivenLeaseStore, 'store' | 'pass'>, name: string): Promise<void> {
  for (let passes = 0; passes < passesMax; passes += 1) {
    if ((await store.holder(name)) === undefined) return
    await pass(shortMs)
  }
  assert.fail(`Expected the lease of ${name} to run out.`)
}
