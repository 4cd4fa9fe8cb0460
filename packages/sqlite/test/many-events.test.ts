// Lists of tenants and streams with many events are read another way than those with few; both find the same.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { EventFilter } from '@gesta/core/ports'
import { commitOf, newStore, oneTo } from './commits.ts'

test('lists of many and of few events are the same list', async () => {
  await using store = await newStore()
  await using backend = await store.open({ durability: 'normal' })
  const { events, commandLog } = backend
  const streamOf = (aggregateId: string, count: number) => ({
    aggregateType: 'Order',
    aggregateId,
    expectation: 'any' as const,
    events: oneTo(count).map((i) => ({
      type: i % 100 === 0 ? 'Order.Rare' : 'Order.Often',
      schemaVersion: 1,
      data: '{}',
    })),
  })
  // More than are counted to choose the way; a small tenant lies before, between and after.
  for (const part of oneTo(3)) {
    await events.commit(commitOf(`small-${part}`, '', { tenant: 'small', streams: [streamOf('s', 100)] }))
    await events.commit(commitOf(`large-${part}`, '', { tenant: 'large', streams: [streamOf('l', 4000)] }))
  }
  const log = await events.readAll({ after: 0, limit: 10_000 })
  assert.equal(log.length, 12_300)
  for (const tenant of ['small', 'large', undefined]) {
    for (const types of [['Order.Rare'], ['Order.Often'], undefined]) {
      for (const order of ['oldest', 'newest'] as const) {
        const filter: EventFilter = { tenant, types, order, aggregateType: tenant && 'Order' }
        const all = log.filter(
          (event) => (tenant === undefined || event.tenant === tenant) && (types?.includes(event.type) ?? true),
        )
        const expected = order === 'newest' ? all.toReversed() : all
        const first = await events.list(filter, { limit: 150, withTotal: true })
        assert.deepEqual(first.items, expected.slice(0, 150))
        assert.equal(first.total, expected.length)
        const { items } = await events.list(filter, { limit: 150, cursor: first.cursor })
        assert.deepEqual(items, first.cursor === undefined ? first.items : expected.slice(150, 300))
      }
    }
  }
  assert.deepEqual(
    (await commandLog.list({ tenant: 'small' })).items.map(({ commandId }) => commandId),
    ['small-3', 'small-2', 'small-1'],
  )
})
