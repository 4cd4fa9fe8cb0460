// Statements of a read model's own that the store refuses, and handlers that note none: what happens to their events, and to no others.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, createApp, domain, event, readModel } from '@gesta/core'
import type { OwnTables, ReadModel, ReadModelOptions, Running } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { z } from 'zod'
import { newFolder } from './place.ts'

const name = 'Counter.Own'
const First = event('Counter.First', z.object({ by: z.int() }))
const Second = event('Counter.Second', z.object({ by: z.int() }))
const count = command('Counter.Count', { input: z.object({ id: z.string(), by: z.int() }) })
const Counter = aggregate('Counter', () => null)
  .on(First, () => null)
  .on(Second, () => null)
const decide = Counter.decide(count, 'id', (_, { by }) => [First({ by }), Second({ by })])
const tables: OwnTables = {
  names: ['small'],
  create: (table) => [
    `CREATE TABLE ${table('small')} (id TEXT NOT NULL, by_much INTEGER NOT NULL CHECK (by_much < 10))`,
  ],
}
/** Takes the second event of each command, unless its number is too large for the table. */
const small = (options: ReadModelOptions = {}) =>
  readModel(name, () => ({}), {
    partitionBy: ({ aggregate: { id } }) => id,
    onFailure: 'park',
    attemptsMax: 2,
    tables,
    ...options,
  }).write(Second, ({ run, table }, { by }, { aggregate: { id } }) =>
    run(`INSERT INTO ${table('small')} VALUES ($1, $2)`, [id, by]),
  )
const appOf = (model: ReadModel<string, object>) =>
  createApp('counting', {
    domains: [domain('Counter', { permissions: 'anonymous', readModels: [model], handlers: [decide] })],
  })
const controlOf = (running: Running<string, string>) => running.readModels.control(name)
const waiting = async (running: Running<string, string>) =>
  (await controlOf(running).parked()).map(({ position, attempts, asked }) => [position, attempts, asked])

describe('an event whose statement is refused', () => {
  test('is parked alone, although its command began with another one, and what is around it is taken', async () => {
    await using folder = await newFolder()
    await using running = await appOf(small()).start({ store: sqlite(`${folder.path}/count.db`) })
    for (const [id, by] of [
      ['a', 1],
      ['a', 99],
      ['b', 2],
    ] as const)
      await running.dispatch(count({ id, by }))
    await running.caughtUp()
    assert.deepEqual(await waiting(running), [[4, 2, undefined]])
    const { state, metrics } = controlOf(running).status()
    assert.deepEqual([state, metrics.lastPosition, metrics.failed], ['live', 6, 2])
    assert.deepEqual((await running.readModels.verify(name)).listed, [])
  })

  test('waits on when it is tried again, and keeps the read model from nothing when the app starts again', async () => {
    await using folder = await newFolder()
    const store = sqlite(`${folder.path}/count.db`)
    {
      await using running = await appOf(small()).start({ store })
      await running.dispatch(count({ id: 'a', by: 99 }))
      await running.caughtUp()
      assert.equal(await controlOf(running).retryParked({ tenant: '', key: 'a' }), 1)
      assert.deepEqual(await waiting(running), [[2, 3, undefined]])
    }
    await using running = await appOf(small()).start({ store })
    await running.dispatch(count({ id: 'b', by: 2 }))
    await running.caughtUp()
    const { state, lastError, metrics } = controlOf(running).status()
    assert.deepEqual([state, lastError, metrics.lastPosition], ['live', undefined, 4])
  })
})

describe('a .write that is asynchronous', () => {
  test('makes its read model fail, and what it rejects with later ends nothing', async () => {
    await using folder = await newFolder()
    let rejected = 0
    // Types of a handler that returns nothing take one that returns a promise.
    const later: () => unknown = () => {
      rejected++
      return Promise.reject(new Error('rejected later'))
    }
    const model = readModel(name, () => ({}), { attemptsMax: 2, tables }).write(Second, later)
    await using running = await appOf(model).start({ store: sqlite(`${folder.path}/count.db`) })
    await running.dispatch(count({ id: 'a', by: 1 }))
    // A rejection that nobody hears of makes the test fail.
    await assert.rejects(running.caughtUp(), { code: 'read_model_failed' })
    assert.ok(rejected > 0)
  })
})
