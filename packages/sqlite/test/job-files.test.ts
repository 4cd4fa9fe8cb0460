// Jobs in the file of the log: with files of before, with a log that is emptied or goes on elsewhere, and with its copies.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { encodeTerms, runMigrations } from '@gesta/core/ports'
import type { JobExchanged, NewJob, OpenBackend } from '@gesta/core/ports'
import { openForWriting } from '../src/database.ts'
import { backup, sqlite, sqliteMigrations } from '../src/index.ts'
import { storeModules } from '../src/migrations/index.ts'
import { commitOf, isStored, newStore, tenant } from './commits.ts'
import { newFolder, runtime } from './place.ts'

const job: NewJob = { type: 'Order.Send', data: '{"a":1}' }
const exchange = ({ jobs }: OpenBackend, worker: string, fields = {}): Promise<JobExchanged> =>
  jobs.exchange({
    worker,
    leaseMs: 60_000,
    ends: [],
    reports: [],
    wishes: [{ queue: 'default', room: 10, types: ['Order.Send'] }],
    ...fields,
  })

test('jobs of a file from before there was a job store are run, with the terms that all jobs have', async () => {
  await using store = await newStore()
  const before = storeModules
    .filter(({ name }) => name !== 'jobs')
    .map(({ migrations, ...module }) => ({ ...module, migrations: migrations.slice(0, 3) }))
  await runMigrations(sqliteMigrations(store.path).target, before, runtime)
  const db = openForWriting(store.path, { durability: 'full' })
  db.exec(`INSERT INTO log (id, incarnation, secret, created_at) VALUES (1, 'first', 'aa', 1)`)
  db.exec(`INSERT INTO commits (commit_no, tenant, command_id, command_type, outcome, context, recorded_at, position, event_count)
    VALUES (1, '${tenant}', 'old', 'Order.Change', 'accepted', '{}', 5, 0, 0)`)
  db.exec(`INSERT INTO jobs (commit_no, idx, type, data) VALUES (1, 0, 'Order.Send', '{"a":1}')`)
  db.close()

  await using backend = await store.open()
  assert.deepEqual((await backend.events.parts(tenant, 'old'))?.jobs, [job])
  const [claimed] = (await exchange(backend, 'w')).claimed
  assert.deepEqual(
    [claimed?.commandId, claimed?.queue, claimed?.priority, claimed?.attemptsMax, claimed?.enqueuedAt, claimed?.data],
    ['old', 'default', 5, 10, 5, '{"a":1}'],
  )
})

test('terms are stored with a commit, and read with its parts as they were given', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  const terms = encodeTerms({ queue: 'mail', priority: 1, key: 'a' })
  assert.ok(terms !== undefined)
  assert.ok(isStored(await backend.events.commit(commitOf('c', 'a', { jobs: [job, { ...job, terms }] }))))
  assert.deepEqual((await backend.events.parts(tenant, 'c'))?.jobs, [job, { ...job, terms }])
})

test('a log that is emptied has no jobs; a run of before settles nothing of those that come after', async () => {
  await using store = await newStore()
  await using backend = await store.open({ allowRewriting: true })
  await backend.events.commit(commitOf('c', 'a', { jobs: [job, job] }))
  const [before] = (await exchange(backend, 'w')).claimed
  assert.ok(before !== undefined)
  await backend.jobs.pause('mail', true)
  await backend.events.reset()
  assert.deepEqual([await backend.jobs.total(), await backend.jobs.queues()], [0, []])
  await backend.events.commit(commitOf('c', 'a', { jobs: [job] }))
  const [after] = (await exchange(backend, 'w')).claimed
  assert.deepEqual([after?.commitNo, after?.index, after?.attempt], [before.commitNo, before.index, 1])
  const { commitNo, index, no } = before
  const ends = [{ commitNo, index, no, ending: { kind: 'succeeded' } }]
  assert.deepEqual((await exchange(backend, 'w', { ends })).refused, [{ commitNo, index }])
})

test('a copy that goes on as a fork has the jobs of the log that it was made of, and what had become of them', async () => {
  await using store = await newStore()
  await using folder = await newFolder()
  const copy = join(folder.path, 'copy.db')
  {
    await using backend = await store.open()
    await backend.events.commit(commitOf('c', 'a', { jobs: [job, job, job] }))
    const { claimed } = await exchange(backend, 'w', {
      leaseMs: 1,
      wishes: [{ queue: 'default', room: 2, types: ['Order.Send'] }],
    })
    const ends = claimed.slice(0, 1).map((run) => {
      return { commitNo: run.commitNo, index: run.index, no: run.no, ending: { kind: 'succeeded', result: '7' } }
    })
    await exchange(backend, 'w', { leaseMs: 1, ends, wishes: [] })
    await backup(store.path, copy)
    await backend.events.commit(commitOf('d', 'a', { jobs: [job] }))
  }
  await using backend = await sqlite(copy).open(runtime)
  await backend.events.fork()
  const { items } = await backend.jobs.list({})
  assert.deepEqual(
    items.map(({ state, story }) => [state, story.result]),
    [
      ['pending', undefined],
      ['running', undefined],
      ['succeeded', '7'],
    ],
  )
  const { claimed } = await exchange(backend, 'next')
  const attempts = new Map(claimed.map(({ index, attempt }) => [index, attempt]))
  assert.deepEqual([attempts.size, attempts.get(1), attempts.get(2)], [2, 2, 1])
})

test('what is forgotten is gone with its payload, and what was requeued meanwhile stays', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await backend.events.commit(commitOf('c', 'a', { jobs: Array.from({ length: 1_200 }, () => job) }))
  const wishes = [{ queue: 'default', room: 1_200, types: ['Order.Send'] }]
  const { claimed } = await exchange(backend, 'w', { wishes })
  const ends = claimed.map(({ commitNo, index, no }) => ({ commitNo, index, no, ending: { kind: 'succeeded' } }))
  await exchange(backend, 'w', { ends, wishes: [] })
  const request = { states: ['succeeded'], endedBeforeUs: Number.MAX_SAFE_INTEGER, limit: 1_000 } as const
  assert.equal(await backend.jobs.prune({ ...request, states: ['dead_letter'] }), 0)
  assert.equal(await backend.jobs.prune(request), 1_000)
  assert.equal((await backend.events.parts(tenant, 'c'))?.jobs.length, 200)
  assert.deepEqual([await backend.jobs.prune(request), await backend.jobs.total()], [200, 0])
})
