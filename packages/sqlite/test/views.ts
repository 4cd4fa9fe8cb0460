// Views for the tests of this package.
import type { Checkpoint, OwnTables, RowWrite, ViewName } from '@gesta/core/ports'
import { oneTo, tenant } from './commits.ts'

export const orders: ViewName = { name: 'orders', modelVersion: 1, generation: 1 }
export const counted: OwnTables = {
  names: ['seen'],
  create: (table) => [`CREATE TABLE ${table('seen')} (position INTEGER PRIMARY KEY)`],
}

export function at(position: number): Checkpoint {
  return { incarnation: 'i', position, eventId: position === 0 ? '' : `e${position}` }
}
/** As many rows as two statements of a flush take, all with the same value. */
export function rowsOf(value: number): readonly RowWrite[] {
  return oneTo(100).map((i) => ({ tenant, key: `k${i}`, value: String(value) }))
}
