// Accounts whose views tell in which order events came and how often: a lost, doubled or exchanged event shows in the text of a row.
import { domain, handle, query, readModel } from '@gesta/core'
import type { AnyDomain, RecordedEvent } from '@gesta/core'
import { z } from 'zod'
import type { EventStore, StoredEvent } from '../../src/stores/event/event-store.ts'
import { Deposited, makeDeposit, openAccount, Opened } from '../account-domain.ts'
import type { Cluster } from './cluster.ts'

export interface Trail {
  readonly events: number
  readonly chain: number
}
export const chained = ({ events, chain }: Trail, position: number, pence: number): Trail => ({
  events: events + 1,
  chain: (chain * 31 + position * 7 + pence) % 1_000_003,
})
export const noTrail: Trail = { events: 0, chain: 0 }
/** Which handlers fail, and how often still. */
export interface Failures {
  stopping: number
  parking: number
}
export const trailOf = query('Account.Trail', {
  input: z.object({ model: z.enum(['Account.All', 'Account.Each']), key: z.string() }),
  result: z.object({ events: z.int(), chain: z.int() }).nullable(),
})

/** `Account.All` stops at what it cannot take, `Account.Each` parks it. */
export function ledger(failures: Failures, options: { readonly modelVersion?: number } = {}): AnyDomain {
  const fail = (which: keyof Failures): void => {
    if (failures[which] > 0 && failures[which]-- > 0) throw new Error(`no ${which}`)
  }
  const all = readModel('Account.All', () => noTrail, { attemptsMax: 3, ...options })
    .on(
      Deposited,
      (_, { aggregate: { id } }) => ['all', id],
      (row, { pence }, { position }) => (fail('stopping'), chained(row, position, pence)),
    )
    .onAny(
      (_, { type }) => type,
      (row, _, { position }) => chained(row, position, 0),
    )
  const each = readModel('Account.Each', () => noTrail, {
    attemptsMax: 2,
    onFailure: 'park',
    parkedMax: 10_000,
    partitionBy: ({ aggregate: { id } }: RecordedEvent) => id,
    ...options,
  }).on(
    Deposited,
    (_, { aggregate: { id } }) => id,
    (row, { pence }, { position }) => (fail('parking'), chained(row, position, pence)),
  )
  return domain('Account', {
    permissions: 'anonymous',
    handlers: [
      makeDeposit,
      openAccount,
      handle(
        trailOf,
        async ({ model, key }, { read }) => (await read(model === 'Account.All' ? all : each).get(key)) ?? null,
      ),
    ],
    readModels: [all, each],
  })
}

/** What a plain fold of the log makes of the two: rows in the order of tenant and key. */
export async function folded({ backend }: Cluster): Promise<Record<string, readonly (readonly string[])[]>> {
  const all = new Map<string, Trail>()
  const each = new Map<string, Trail>()
  const put = (rows: Map<string, Trail>, key: string, position: number, pence: number): void =>
    void rows.set(key, chained(rows.get(key) ?? noTrail, position, pence))
  for (const event of await wholeLog(backend.events)) {
    const { pence } = JSON.parse(event.data) as { readonly pence: number }
    if (event.type === Deposited.type) {
      put(all, 'all', event.position, pence)
      put(all, event.aggregateId, event.position, pence)
      put(each, event.aggregateId, event.position, pence)
    }
    if (event.type === Deposited.type || event.type === Opened.type) put(all, event.type, event.position, 0)
  }
  const rows = (trails: Map<string, Trail>) =>
    [...trails]
      .map(([key, trail]) => ['', key, JSON.stringify(trail)])
      .toSorted(([, a = ''], [, b = '']) => (a < b ? -1 : 1))
  return { 'Account.All': rows(all), 'Account.Each': rows(each) }
}

async function wholeLog(events: EventStore): Promise<readonly StoredEvent[]> {
  const log: StoredEvent[] = []
  for (;;) {
    const page = await events.readAll({ after: log.length, limit: 10_000 })
    if (page.length === 0) return log
    log.push(...page)
  }
}
