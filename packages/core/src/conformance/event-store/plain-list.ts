// Lists as they should be: a filter over the whole log in plain JavaScript, and the comparison of a store with it.
import assert from 'node:assert/strict'
import type { EventField, EventFilter, EventStore, StoredEvent } from '../../stores/event/event-store.ts'
import type { Page, PageRequest } from '../../stores/store.ts'
import { wholeLog } from './given.ts'

interface Context {
  readonly targetWorkspace?: string
  readonly correlationId?: string
  readonly attributes?: { readonly [name: string]: string }
}
const contextOf = ({ context }: StoredEvent): Context => JSON.parse(context) as Context
const domainOf = ({ type }: StoredEvent): string | undefined => /^([^.]+)\./.exec(type)?.[1]

const fields: { readonly [Field in EventField]: (event: StoredEvent) => string | undefined } = {
  tenant: (event) => event.tenant,
  workspace: (event) => contextOf(event).targetWorkspace,
  domain: domainOf,
  aggregateType: (event) => event.aggregateType,
  aggregateId: (event) => event.aggregateId,
  type: (event) => event.type,
}
export const eventFields: readonly EventField[] = Object.keys(fields) as EventField[]

/** What a list holds without paging. */
export function plainList(log: readonly StoredEvent[], filter: EventFilter): readonly StoredEvent[] {
  let events = log.filter(() => true)
  const keep = (asked: unknown, holds: (event: StoredEvent) => boolean): void => {
    if (asked !== undefined) events = events.filter(holds)
  }
  keep(filter.tenant, ({ tenant }) => tenant === filter.tenant)
  keep(filter.workspace, (event) => contextOf(event).targetWorkspace === filter.workspace)
  keep(filter.aggregateType, ({ aggregateType }) => aggregateType === filter.aggregateType)
  keep(filter.aggregateId, ({ aggregateId }) => aggregateId === filter.aggregateId)
  keep(filter.domains, (event) => filter.domains?.includes(domainOf(event) ?? '') === true)
  keep(filter.types, ({ type }) => filter.types?.includes(type) === true)
  keep(filter.correlationId, (event) =>
    [contextOf(event).correlationId, event.commandId].includes(filter.correlationId),
  )
  keep(filter.from, ({ recordedAt }) => recordedAt >= (filter.from ?? 0))
  keep(filter.to, ({ recordedAt }) => recordedAt < (filter.to ?? 0))
  keep(filter.after, ({ position }) => position > (filter.after ?? 0))
  keep(filter.before, ({ position }) => position < (filter.before ?? 0))
  for (const [name, value] of Object.entries(filter.attributes ?? {}))
    keep(name, (event) =>
      Object.entries(contextOf(event).attributes ?? {}).some(([key, has]) => key === name && has === value),
    )
  return filter.order === 'newest' ? events.toReversed() : events
}

/** The distinct values of a field, by code point. */
export function plainValues(events: readonly StoredEvent[], field: EventField): readonly string[] {
  const values = new Set(events.map(fields[field]))
  return [...values]
    .filter((value) => value !== undefined)
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

/** All items of a list, page after page. */
export async function everyPage<Item>(
  list: (page: PageRequest) => Promise<Page<Item>>,
  request: PageRequest = {},
): Promise<readonly Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page: Page<Item> = await list({ ...request, cursor })
    assert.ok(page.items.length > 0 || page.cursor === undefined, 'Only the last page may be empty.')
    items.push(...page.items)
    cursor = page.cursor
  } while (cursor !== undefined)
  return items
}

/**
 * Insists that lists, counts and distinct values of a store are those of its whole log, filtered in plain JavaScript; for one filter,
 * in both orders. Returns how many events match.
 */
export async function checkLists(store: EventStore, filter: EventFilter, limit = 3): Promise<number> {
  const log = await wholeLog(store)
  for (const order of ['oldest', 'newest'] as const) {
    const expected = plainList(log, { ...filter, order })
    const found = await everyPage((page) => store.list({ ...filter, order }, page), { limit })
    assert.deepEqual(found, expected)
    const first = await store.list({ ...filter, order }, { limit, withTotal: true })
    assert.equal(first.total, expected.length)
    const second = await store.list({ ...filter, order }, { limit, offset: limit })
    assert.deepEqual(second.items, expected.slice(limit, limit * 2))
  }
  const matching = plainList(log, filter)
  assert.equal(await store.total(filter), matching.length)
  for (const field of eventFields)
    assert.deepEqual(await store.uniqueValues(field, filter, { limit: 10_000 }), plainValues(matching, field))
  return matching.length
}
