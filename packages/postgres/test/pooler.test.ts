// Through a pooler in transaction mode: nothing on the way of data needs a session of its own.
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { isGestaError } from '@gesta/core/ports'
import type { View } from '@gesta/core/ports'
import { postgres } from '../src/index.ts'
import { audited, soundChain } from './chains.ts'
import { commitOf, isStored, oneTo } from './commits.ts'
import { databaseUrl, newSchema, runtime, skip } from './place.ts'
import { noPooler, startPooler } from './pooler.ts'
import type { Pooler } from './pooler.ts'

const skipped = skip === false ? noPooler : skip
let started: Promise<Pooler> | undefined
const pooler = async (): Promise<Pooler> => (started ??= startPooler(await databaseUrl()))
after(async () => (await started)?.[Symbol.asyncDispose]())

test('commits, reads and views of several processes share its few sessions', { skip: skipped }, async () => {
  const { url, schema } = await newSchema()
  const options = { url: (await pooler()).through(url), directUrl: url, schema, connectionsMax: 4 }
  await using one = await postgres(options).open(runtime)
  await using other = await postgres(options).open(runtime)
  const verdicts = await Promise.all(
    [one, other].flatMap((backend, at) =>
      oneTo(150).map((i) => backend.events.commit(commitOf(`${at}-${i}`, `s${i % 9}`))),
    ),
  )
  assert.ok(verdicts.every(isStored))
  const log = await one.events.readAll({ after: 0, limit: 1000 })
  assert.deepEqual(
    log.map(({ position }) => position),
    oneTo(300),
  )
  const versions = await Promise.all(
    oneTo(9).map((i) => other.events.versions([{ tenant: 't', aggregateType: 'Order', aggregateId: `s${i - 1}` }])),
  )
  assert.equal(
    versions.flat().reduce((sum, version) => sum + version),
    300,
  )
  const view = await one.readModels.open({ name: 'orders', modelVersion: 1, generation: 0 })
  const [start, next] = [
    { incarnation: 'i', position: 0, eventId: '' },
    { incarnation: 'i', position: 300, eventId: 'e' },
  ]
  assert.equal(await view.flush({ expected: start, next, writes: [{ tenant: 't', key: 'a', value: '1' }] }), true)
  const seen = await other.readModels.open({ name: 'orders', modelVersion: 1, generation: 0 })
  assert.deepEqual([await seen.checkpoint(), await seen.get({ tenant: 't', key: 'a' })], [next, '1'])
  const notes = {
    names: ['notes'],
    create: (table: (name: string) => string) => [`CREATE TABLE ${table('notes')} (id integer PRIMARY KEY)`],
  }
  const noting = await Promise.all(
    [one, other].map(({ readModels }) => readModels.open({ ...view.view, generation: 1 }, notes)),
  )
  const noted = await Promise.all(
    oneTo(40).map((i) => {
      const own = noting[i % 2] as View
      const statements = [{ text: `INSERT INTO ${own.table('notes')} VALUES ($1)`, values: [i] }]
      return own.flush({ expected: start, next, writes: [], statements })
    }),
  )
  assert.equal(noted.filter(Boolean).length, 1)
  const [own] = noting as [View]
  assert.deepEqual(await own.select({ text: `SELECT id FROM ${own.table('notes')}`, values: [] }), [
    { id: noted.indexOf(true) + 1 },
  ])
  const { outbox } = other
  assert.equal(await one.outbox.settle({ fencingToken: 1, from: 0, to: 300, sent: [], held: [] }), true)
  assert.equal(await outbox.settle({ fencingToken: 1, from: 0, to: 300, sent: [], held: [] }), false)
  assert.deepEqual([await outbox.cursor(), await outbox.after(0, 10), await outbox.nextDue()], [300, [], undefined])
  await one.seen.mark('s', ['a'])
  assert.deepEqual(await other.seen.seen('s', ['a', 'b']), new Set(['a']))
  const reads = [{ tenant: 't', aggregateType: 'Order', aggregateId: 's1', version: versions.flat()[1] ?? 0 }]
  assert.ok(isStored(await one.events.commit(audited('a1', 2, { tenant: 'u', reads }))))
  const stale = reads.map((read) => ({ ...read, version: 1 }))
  assert.equal((await other.events.commit(audited('a2', 2, { tenant: 'u', reads: stale }))).verdict, 'conflict')
  assert.equal((await soundChain(other.audit, 'u')).length, 2)
  assert.deepEqual(
    (await other.audit.heads()).map(({ tenant, sequence }) => [tenant, sequence]),
    [['u', 2]],
  )
  const repeated = await other.events.commit(commitOf('0-1', 's1'))
  assert.equal(repeated.verdict, 'duplicate')
})

test(
  'whoever migrates is told to go past it, and an app on a store that is up to date is not',
  { skip: skipped },
  async () => {
    const { url, schema } = await newSchema()
    const pooled = { url: (await pooler()).through(url), schema }
    await assert.rejects(postgres(pooled).open(runtime), (error) => {
      assert.ok(isGestaError(error, 'store_unavailable'))
      assert.match(error.message, /leads through a pooler.*directUrl/)
      return true
    })
    await (await postgres({ ...pooled, directUrl: url }).open(runtime))[Symbol.asyncDispose]()
    await using backend = await postgres(pooled).open(runtime)
    assert.ok(isStored(await backend.events.commit(commitOf('c1', 'a'))))
  },
)
