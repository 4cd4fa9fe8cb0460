// What the cases of this suite are written with: a store of views, and flushes made from the few fields that a case is about.
import assert from 'node:assert/strict'
import type { ParkedEvent } from '../../stores/read-model/parked-event.ts'
import type { Checkpoint, ReadModelStore, RowWrite, View, ViewName } from '../../stores/read-model/read-model-store.ts'
import type { Case } from '../suite.ts'

/**
 * `durable`: what was flushed is found again when the store is opened again. `sql`: the store has a dialect and keeps tables of a read
 * model's own; such a store is durable.
 */
export type ReadModelStoreCapability = 'durable' | 'sql'
export interface GivenReadModelStore {
  readonly store: ReadModelStore
  /** Closes the store and opens it again. */
  reopen(): Promise<ReadModelStore>
}
export type ReadModelStoreCase = Case<GivenReadModelStore, ReadModelStoreCapability>

export const orders: ViewName = { name: 'orders', modelVersion: 1, generation: 0 }
export const tenant = 'tenant-1'

export function at(
  position: number,
  incarnation = 'log-1',
  eventId: string = position === 0 ? '' : `command-${position}.0`,
): Checkpoint {
  return { incarnation, position, eventId }
}
export function row(key: string, value: unknown, of: string = tenant): RowWrite {
  return { tenant: of, key, value: value === undefined ? undefined : JSON.stringify(value) }
}
/** Brings the view from `expected` to the next position with these rows, and insists that it moved. */
export async function flushed(view: View, expected: number, writes: readonly RowWrite[]): Promise<void> {
  assert.equal(await view.flush({ expected: at(expected), next: at(expected + 1), writes }), true)
}
/** A view with one flush of these rows, keyed in the order of the list: `key-00`, `key-01`, and so on. */
export async function viewWith(store: ReadModelStore, values: readonly unknown[]): Promise<View> {
  const view = await store.open(orders)
  await flushed(
    view,
    0,
    values.map((value, index) => row(`key-${String(index).padStart(2, '0')}`, value)),
  )
  return view
}
/** An event that waits for key `a` of the tenant. */
export function waiting(position: number, fields: Partial<ParkedEvent> = {}): ParkedEvent {
  return {
    position,
    tenant,
    key: 'a',
    eventId: `command-${position}.0`,
    type: 'Order.Placed',
    rows: ['a'],
    attempts: 5,
    error: 'Error',
    parkedAt: 1_700_000_000_000_000 + position,
    asked: undefined,
    reason: undefined,
    discarded: false,
    ...fields,
  }
}
/** Brings the view from `expected` to the next position and parks these events. */
export async function parks(view: View, expected: number, park: readonly ParkedEvent[]): Promise<void> {
  assert.equal(await view.flush({ expected: at(expected), next: at(expected + 1), writes: [], park }), true)
}
