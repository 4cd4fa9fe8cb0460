// Settlements under faults: relays of several processes at once, connections that break, and transactions of others in the way.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'node:test'
import { Client } from 'pg'
import type { OpenBackend } from '@gesta/core/ports'
import { startTcpProxy } from '@gesta/services'
import { postgres } from '../src/index.ts'
import { commitOf, isStored, oneTo } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const message = { key: 'a', type: 'Order.Sent', schemaVersion: 1, data: '1' }
const nothing = { sent: [], held: [] }

async function storeCommits({ events }: OpenBackend, count: number): Promise<void> {
  const commits = oneTo(count).map((i) => events.commit(commitOf(`c${i}`, `s${i}`, { messages: [message, message] })))
  assert.ok((await Promise.all(commits)).every(isStored))
}

test(
  'of two processes that settle at once the newer token wins, and each commit is settled once',
  { skip },
  async () => {
    const schema = await newSchema()
    await using backend = await postgres(schema).open(runtime)
    const last = 150
    await storeCommits(backend, last)
    const path = new URL('children/settle.ts', import.meta.url).pathname
    const relay = (token: number) => {
      const given = [JSON.stringify(schema), String(token), String(last)]
      const child = spawn(process.execPath, ['--conditions=gesta-source', path, ...given], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      return { ended: once(child, 'exit'), lines: createInterface({ input: child.stdout }) }
    }
    const settled = new Map<number, number>()
    const follow = async ({ lines, ended }: ReturnType<typeof relay>, token: number): Promise<void> => {
      for await (const line of lines) {
        assert.ok(!settled.has(Number(line)), `${line} was settled twice.`)
        settled.set(Number(line), token)
      }
      assert.equal((await ended)[0], 0)
    }
    const [old, young] = [relay(1), relay(2)]
    await Promise.all([follow(old, 1), follow(young, 2)])
    assert.equal(settled.size, last)
    const { outbox } = backend
    const { items } = await outbox.list({}, { limit: 1000 })
    assert.deepEqual(
      items.map(({ commitNo, index }) => [commitNo, index]),
      [...oneTo(last).map((commitNo) => [commitNo, 0]), [last, 1]],
    )
    // What the list says is what each process was told, and behind the newer token there is no older one.
    const tokens = items.slice(0, last).map(({ attempts }) => attempts)
    assert.deepEqual(
      tokens,
      oneTo(last).map((commitNo) => settled.get(commitNo)),
    )
    assert.deepEqual(
      tokens,
      tokens.toSorted((one, other) => one - other),
    )
    assert.equal(await outbox.settle({ fencingToken: 2, from: last, to: last, ...nothing }), true)
    assert.equal(await outbox.settle({ fencingToken: 1, from: last, to: last, ...nothing }), false)
  },
)

test('a settlement whose answer was lost is kept once, and its caller is told so', { skip }, async () => {
  const schema = await newSchema()
  await using proxy = await startTcpProxy(schema.url)
  await using direct = await postgres(schema).open(runtime)
  await using backend = await postgres({ ...schema, url: proxy.through(schema.url) }).open(runtime)
  await storeCommits(direct, 3)
  const { outbox } = backend
  for (const to of oneTo(3)) {
    assert.equal(await outbox.cursor(), to - 1)
    const lostBefore = proxy.lostBytes
    proxy.impose({ answersLost: true })
    const held = [{ commitNo: to, index: 1, state: 'waiting' as const, attempts: 1, dueAt: 1 }]
    const settling = outbox.settle({ fencingToken: to, from: to - 1, to, sent: [], held })
    while (proxy.lostBytes === lostBefore) await delay(1)
    proxy.heal()
    assert.equal(await settling, true)
    assert.deepEqual([await direct.outbox.cursor(), await outbox.total()], [to, to])
  }
  assert.equal(await outbox.settle({ fencingToken: 3, from: 2, to: 3, ...nothing }), false)
})

test('connections that are cut again and again lose no settlement that was kept', { skip }, async () => {
  const schema = await newSchema()
  await using proxy = await startTcpProxy(schema.url)
  await using direct = await postgres(schema).open(runtime)
  await using backend = await postgres({ ...schema, url: proxy.through(schema.url) }).open(runtime)
  const last = 120
  await storeCommits(direct, last)
  const isOver = { yes: false }
  const cutting = (async () => {
    for (let round = 0; !isOver.yes; round += 1) {
      const direction = round % 2 === 0 ? 'answers' : 'requests'
      proxy.impose({ cutAfter: { direction, bytes: 300 + ((round * 7919) % 4000) } })
      await delay(3)
      proxy.heal()
      await delay(9)
    }
  })()
  const { outbox } = backend
  try {
    for (let to = 1; to <= last; to += 1) {
      const held = [{ commitNo: to, index: 0, state: 'waiting' as const, attempts: to, dueAt: 1 }]
      const settlement = { fencingToken: 1, from: to - 1, to, sent: [], held }
      // What could not be settled may still be on its way: a relay reads the cursor and goes on from there.
      const isKept = await outbox.settle(settlement).catch(() => false)
      if (!isKept) to = await direct.outbox.cursor()
    }
  } finally {
    isOver.yes = true
    await cutting
  }
  assert.equal(await direct.outbox.cursor(), last)
  const held = (await direct.outbox.list({}, { limit: 1000 })).items
  assert.deepEqual(
    held.map(({ commitNo, attempts }) => [commitNo, attempts]),
    oneTo(last).map((to) => [to, to]),
  )
})

test('a settlement waits for no append, and no append for a settlement', { skip }, async () => {
  const schema = await newSchema()
  await using backend = await postgres(schema).open(runtime)
  await storeCommits(backend, 2)
  const client = new Client({ connectionString: schema.url })
  await client.connect()
  try {
    await client.query(`BEGIN; LOCK TABLE ${schema.schema}.head IN SHARE UPDATE EXCLUSIVE MODE`)
    const { outbox } = backend
    assert.equal(await outbox.settle({ fencingToken: 1, from: 0, to: 1, ...nothing }), true)
    assert.equal(await outbox.resend({ fromPosition: 1, toPosition: 1 }, 5), 2)
    assert.equal(
      await outbox.settle({ fencingToken: 1, from: 1, to: 1, sent: [{ commitNo: 1, index: 0 }], held: [] }),
      true,
    )
    assert.equal((await outbox.due(5, 10)).length, 1)
    await client.query(`COMMIT; BEGIN; LOCK TABLE ${schema.schema}.outbox_gate IN SHARE UPDATE EXCLUSIVE MODE`)
    assert.ok(isStored(await backend.events.commit(commitOf('c', 'a', { messages: [message] }))))
    assert.equal((await outbox.after(2, 10)).length, 1)
    await client.query('COMMIT')
  } finally {
    await client.end()
  }
})

test('marks of many processes on one subscription add up to its bound', { skip }, async () => {
  const schema = await newSchema()
  await using one = await postgres(schema).open(runtime)
  await using other = await postgres(schema).open(runtime)
  const marks = [one, other].flatMap((backend, at) =>
    oneTo(25).map((i) => backend.seen.mark('s', [`${at}-${i}`, 'both', `both-${i}`])),
  )
  await Promise.all(marks)
  assert.equal(await one.seen.total('s'), 76)
  const ids = oneTo(25).flatMap((i) => [`0-${i}`, `1-${i}`, `both-${i}`])
  assert.equal((await other.seen.seen('s', ['both', ...ids, 'none'])).size, 76)
  const many = oneTo(10_010).map((i) => `many-${i}`)
  await Promise.all([one.seen.mark('s', many), other.seen.mark('t', ['a'])])
  assert.deepEqual([await other.seen.total('s'), await other.seen.total()], [10_000, 10_001])
  assert.deepEqual(await other.seen.seen('s', ['both', 'many-10', 'many-11']), new Set(['many-11']))
})
