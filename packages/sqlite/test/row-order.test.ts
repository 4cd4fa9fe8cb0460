import assert from 'node:assert/strict'
import test from 'node:test'
import * as fc from 'fast-check'
import { memory } from '@gesta/core'
import type { RowFilter, View } from '@gesta/core/ports'
import { newStore } from './commits.ts'
import { runtime } from './place.ts'

const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -0, 1, '', '0', 'null'),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 1 }),
)
const storable = (text: string): boolean => !text.includes('\0')
const field = fc.oneof(fc.constantFrom('a', 'b'), fc.string({ unit: 'binary', maxLength: 3 }).filter(storable))
const row = fc.record({ v: leaf, deep: fc.dictionary(field, leaf, { maxKeys: 3 }) }, { requiredKeys: [] })
const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }).filter(storable)
const rows = fc.uniqueArray(fc.tuple(key, row), { selector: ([name]) => name, maxLength: 25 })
const path = fc.oneof(
  fc.constant(['v']),
  field.map((name) => ['deep', name]),
)
const scalar = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)
const range = fc.record({ from: key, to: key }, { requiredKeys: [] })

test('lists and searches give what the memory store gives, whatever the rows hold', async () => {
  await using store = await newStore()
  await using onDisk = await store.open()
  await using inMemory = await memory().open(runtime)
  const name = { name: 'rows', modelVersion: 1, generation: 0 }
  const views: readonly View[] = await Promise.all([onDisk.readModels.open(name), inMemory.readModels.open(name)])

  await fc.assert(
    fc.asyncProperty(rows, path, leaf.filter(scalar), range, async (given, at, asked, between) => {
      const writes = given.map(([rowKey, value]) => ({ tenant: 't', key: rowKey, value: JSON.stringify(value) }))
      const values = given.map(([, value]) => Object.values(value)[0]).filter(scalar)
      const filters: readonly RowFilter[] = [
        { equals: [], orderBy: at, limit: 100, offset: 0 },
        ...[asked, ...values].map((value) => ({
          equals: [{ path: at, value }],
          orderBy: undefined,
          limit: 100,
          offset: 0,
        })),
      ]
      const [disk, reference] = await Promise.all(
        views.map(async (view) => {
          await view.reset()
          await view.flush({
            expected: { incarnation: 'i', position: 0, eventId: '' },
            next: { incarnation: 'i', position: 1, eventId: 'e' },
            writes,
          })
          return [await view.list('t', between), await Promise.all(filters.map((filter) => view.find('t', filter)))]
        }),
      )
      assert.deepEqual(disk, reference)
    }),
    { numRuns: 150 },
  )
})
