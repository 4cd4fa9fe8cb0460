// A log in which every filter finds something and nothing finds everything.
import type { Commit } from '../../stores/commit.ts'
import type { EventFilter, EventStore } from '../../stores/event/event-store.ts'
import { commit, oneTo, stored } from './given.ts'

const startUs = 1_700_000_000_000_000
const tenants = ['left', 'right', '']
const types = ['Order.Placed', 'Order.Shipped', 'Stock.Reserved', 'Stock.Deep.Checked', 'Undotted']

/** Commit `number` of the varied log; from 1. */
export function variedCommit(number: number): Commit {
  const attributes = number % 4 === 0 ? { 'a.b': 'x', '"': 'quote' } : { region: number % 2 === 0 ? 'north' : 'south' }
  const context = {
    identity: `user-${number % 3}`,
    ...(number % 3 !== 0 && { targetWorkspace: `work-${number % 2}` }),
    ...(number % 5 === 0 && { correlationId: `command-a${number % 2 === 0 ? 4 : 7}` }),
    ...(number % 7 !== 0 && { attributes }),
  }
  const aggregateType = number % 4 === 1 ? 'Stock' : 'Order'
  return commit({
    commandId: `command-a${number}`,
    tenant: tenants[Math.floor(number / 3) % 3] as string,
    context: number === 9 ? '{}' : JSON.stringify(context),
    recordedAt: startUs + number * 1000,
    streams: oneTo(number % 3).map((at) => ({
      aggregateType,
      aggregateId: `id-${(number + at) % 5}`,
      expectation: 'any',
      events: oneTo(1 + (number % 2)).map((each) => ({
        type: types[(number + at + each) % types.length] as string,
        schemaVersion: 1,
        data: JSON.stringify({ number, at, each }),
      })),
    })),
  })
}

/** Stores the varied log: 40 commits, some without events. */
export async function storeVariedLog(store: EventStore): Promise<void> {
  for (const number of oneTo(40)) await stored(store, variedCommit(number))
}

/** Filters of one field each; every one finds some events of the varied log and leaves others out. */
export const singleFilters: readonly EventFilter[] = [
  { tenant: 'left' },
  { tenant: '' },
  { workspace: 'work-1' },
  { aggregateType: 'Stock' },
  { aggregateId: 'id-3' },
  { domains: ['Stock'] },
  { domains: ['Stock', 'Order', 'Missing'] },
  { types: ['Order.Placed'] },
  { types: ['Stock.Deep.Checked', 'Undotted'] },
  { correlationId: 'command-a4' },
  { correlationId: 'command-a7' },
  { from: startUs + 20_000 },
  { to: startUs + 20_000 },
  { after: 11 },
  { before: 11 },
  { attributes: { region: 'north' } },
  { attributes: { 'a.b': 'x', '"': 'quote' } },
]
/** Filters that find nothing in it. */
export const missingFilters: readonly EventFilter[] = [
  { tenant: 'other' },
  { workspace: 'other' },
  { aggregateType: 'Other' },
  { aggregateId: 'other' },
  { domains: ['Other'] },
  { domains: [] },
  { types: ['Order'] },
  { types: [] },
  { correlationId: 'other' },
  { from: startUs * 2 },
  { to: 0 },
  { after: 1_000_000 },
  { before: 1 },
  { attributes: { region: 'x' } },
  { attributes: { a: 'x' } },
  { attributes: { region: 'north', 'a.b': 'x' } },
  { attributes: { toString: 'x' } },
  { tenant: 'left', correlationId: 'command-a3' },
]
