// How jobs are read: by keys of the tables and of partial indexes, so that an exchange costs what it moves and not what is there.
import assert from 'node:assert/strict'
import test from 'node:test'
import { openForWriting } from '../src/database.ts'
import type { Database } from '../src/database.ts'
import { createJobReader } from '../src/job-reader.ts'
import { createJobWriter } from '../src/job-writer.ts'
import { newStore } from './commits.ts'

/** Each statement that is prepared, with its plan. */
function watched(db: Database): { readonly plans: ReadonlyMap<string, string> } {
  const plans = new Map<string, string>()
  const prepare = db.prepare.bind(db)
  db.prepare = (sql, options) => {
    if (!sql.startsWith('EXPLAIN')) {
      const rows = prepare(`EXPLAIN QUERY PLAN ${sql}`).all()
      plans.set(sql, rows.map(({ detail }) => String(detail)).join('\n'))
    }
    return prepare(sql, options)
  }
  return { plans }
}

test('what an exchange reads and writes is searched and never scanned, and nothing is sorted', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const db = openForWriting(store.path, { durability: 'full' })
  try {
    const { plans } = watched(db)
    createJobWriter(db)
    assert.ok(plans.size > 20, `${plans.size}`)
    for (const [sql, plan] of plans)
      assert.doesNotMatch(
        plan,
        /SCAN (?!open_jobs USING (COVERING )?INDEX open_jobs_running|job_workers|paused_queues|json_each|job_cursor|CONSTANT)|TEMP B-TREE/,
        `${sql}\n${plan}`,
      )
  } finally {
    db.close()
  }
})

test('a page of the list is read in its order, in all three places where jobs are', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const db = openForWriting(store.path, { durability: 'full' })
  try {
    const { plans } = watched(db)
    const reader = createJobReader(db)
    reader.list({ tenant: 't' }, { after: [5, 0], offset: 0, limit: 10, withTotal: false, seal: undefined as never }, 0)
    reader.get('t', 'c', 0, 0)
    for (const [sql, plan] of plans) assert.doesNotMatch(plan, /TEMP B-TREE/, `${sql}\n${plan}`)
  } finally {
    db.close()
  }
})

test('the state of queues, and how many jobs there are, is told without a look at each job that has ended', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const db = openForWriting(store.path, { durability: 'full' })
  try {
    const { plans } = watched(db)
    const reader = createJobReader(db)
    reader.queues(0)
    reader.extent(0)
    assert.equal(plans.size, 2)
    for (const [sql, plan] of plans)
      assert.doesNotMatch(plan, /SCAN ended_jobs(?! USING COVERING INDEX)/, `${sql}\n${plan}`)
  } finally {
    db.close()
  }
})

test('what is changed by a filter is found without a look at jobs that have succeeded', async () => {
  await using store = await newStore()
  await (await store.open())[Symbol.asyncDispose]()
  const db = openForWriting(store.path, { durability: 'full' })
  try {
    const { plans } = watched(db)
    const writer = createJobWriter(db)
    const before = new Set(plans.keys())
    for (const action of ['cancel', 'requeue', 'discard', 'hurry'] as const)
      writer.change({ change: 'jobs', action, which: { queue: 'mail' }, reason: undefined, nowUs: 1 })
    const own = [...plans].filter(([sql]) => !before.has(sql) && sql.includes('ended_jobs'))
    assert.ok(own.length > 0)
    for (const [sql, plan] of own) assert.doesNotMatch(plan, /SCAN ended_jobs/, `${sql}\n${plan}`)
  } finally {
    db.close()
  }
})
