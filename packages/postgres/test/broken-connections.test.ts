// Connections that break while commits are on their way: whatever is lost, each commit is stored once, and its caller is told so.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'node:test'
import { Client } from 'pg'
import { isGestaError } from '@gesta/core/ports'
import type { OpenBackend } from '@gesta/core/ports'
import { startTcpProxy } from '@gesta/services'
import type { TcpProxy } from '@gesta/services'
import { postgres } from '../src/index.ts'
import type { PostgresOptions } from '../src/index.ts'
import { createPool } from '../src/pool.ts'
import { commitOf, oneTo } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

interface Broken extends AsyncDisposable {
  readonly schema: { readonly url: string; readonly schema: string }
  readonly proxy: TcpProxy
  /** Through the proxy. */
  readonly backend: OpenBackend
  /** Beside it. */
  readonly direct: OpenBackend
}

async function broken(options: Partial<PostgresOptions> = {}): Promise<Broken> {
  const schema = await newSchema()
  const proxy = await startTcpProxy(schema.url)
  const direct = await postgres(schema).open(runtime)
  const backend = await postgres({ ...schema, ...options, url: proxy.through(schema.url) }).open(runtime)
  return {
    schema,
    proxy,
    backend,
    direct,
    [Symbol.asyncDispose]: async () => {
      proxy.heal()
      await proxy.accept()
      await backend[Symbol.asyncDispose]()
      await direct[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
    },
  }
}

/** Insists that the log holds exactly these commands, one after the other. */
async function assertLog({ direct }: Broken, commands: readonly string[]): Promise<void> {
  const events = await direct.events.readAll({ after: 0, limit: 10_000 })
  assert.deepEqual(
    events.map(({ position }) => position),
    oneTo(events.length),
  )
  assert.deepEqual(events.map(({ commandId }) => commandId).sort(), [...commands].sort())
}

test('a group whose answer was lost is stored, and its members get their receipts', { skip }, async () => {
  await using place = await broken()
  const { proxy, backend } = place
  await backend.events.commit(commitOf('first', 'a'))
  proxy.impose({ answersLost: true })
  const committing = Promise.all(oneTo(20).map((i) => backend.events.commit(commitOf(`c${i}`, `s${i % 7}`))))
  while (proxy.lostBytes === 0) await delay(1)
  proxy.heal()
  const verdicts = await committing
  assert.ok(verdicts.every(({ verdict }) => verdict === 'stored'))
  for (const [index, verdict] of verdicts.entries()) {
    const header = await backend.events.header('t', `c${index + 1}`)
    assert.ok(verdict.verdict === 'stored')
    assert.deepEqual([verdict.commitNo, verdict.position], [header?.commitNo, header?.position])
    const [event] = await backend.events.readAll({ after: verdict.position - 1, limit: 1 })
    assert.deepEqual(verdict.firstVersions, [event?.version])
  }
  await assertLog(place, ['first', ...oneTo(20).map((i) => `c${i}`)])
})

test('connections that are cut again and again double and lose nothing', { skip }, async () => {
  await using place = await broken()
  const { proxy, backend } = place
  const isOver = { yes: false }
  const cutting = (async () => {
    for (let round = 0; !isOver.yes; round += 1) {
      const direction = round % 2 === 0 ? 'answers' : 'requests'
      proxy.impose({ cutAfter: { direction, bytes: 900 + ((round * 7919) % 6000) } })
      await delay(3)
      proxy.heal()
      await delay(9)
    }
  })()
  const commands = oneTo(400).map((i) => `c${i}`)
  const lane = async (first: number): Promise<void> => {
    for (let i = first; i < commands.length; i += 16) {
      const verdict = await backend.events.commit(commitOf(commands[i] ?? '', `s${i % 11}`))
      assert.equal(verdict.verdict, 'stored')
    }
  }
  try {
    await Promise.all(oneTo(16).map((first) => lane(first - 1)))
  } finally {
    isOver.yes = true
    await cutting
  }
  await assertLog(place, commands)
})

test('a conflict and a repetition are told as such after a lost answer', { skip }, async () => {
  await using place = await broken()
  const { proxy, backend } = place
  await backend.events.commit(commitOf('first', 'a'))
  proxy.impose({ answersLost: true })
  const [stream] = commitOf('', 'a').streams
  assert.ok(stream)
  const committing = Promise.all([
    backend.events.commit(commitOf('c1', 'b')),
    backend.events.commit({ ...commitOf('c2', 'a'), streams: [{ ...stream, expectation: 'noStream' }] }),
    backend.events.commit({ ...commitOf('first', 'c'), recordedAt: 5 }),
  ])
  while (proxy.lostBytes === 0) await delay(1)
  proxy.heal()
  const verdicts = await committing
  assert.deepEqual(
    verdicts.map(({ verdict }) => verdict),
    ['stored', 'conflict', 'duplicate'],
  )
  await assertLog(place, ['first', 'c1'])
})

test('what nobody answers is unknown in the end, and is settled by the same commit', { skip }, async () => {
  await using place = await broken({ retryForMs: 50, lockTimeoutMs: 900, answerTimeoutMs: 2_000 })
  const { proxy, backend, direct } = place
  await backend.events.commit(commitOf('first', 'a'))
  proxy.impose({ answersLost: true })
  const commit = commitOf('c1', 'a')
  await assert.rejects(backend.events.commit(commit), (error) => isGestaError(error, 'outcome_unknown'))
  // From another process, as a caller would who was told that it is unknown.
  const verdict = await direct.events.commit(commit)
  assert.ok(verdict.verdict !== 'conflict')
  assert.equal(verdict.verdict === 'stored' ? verdict.commitNo : verdict.header.commitNo, 2)
  await assertLog(place, ['first', 'c1'])
})

test('while the server cannot be reached, commits and reads fail in time and store nothing', { skip }, async () => {
  await using place = await broken({ retryForMs: 500 })
  const { proxy, backend } = place
  await backend.events.commit(commitOf('first', 'a'))
  proxy.refuse()
  proxy.cut()
  const failed = (error: unknown): boolean => isGestaError(error, 'store_unavailable')
  const commits = oneTo(50).map((i) => backend.events.commit(commitOf(`c${i}`, `s${i}`)))
  for (const committing of commits) {
    const outcome = await committing.catch((error: unknown) => error)
    // The first ones may have been on their way when the connection was cut.
    assert.ok(failed(outcome) || isGestaError(outcome, 'outcome_unknown'), String(outcome))
  }
  await assert.rejects(backend.events.head(), failed)
  await assert.rejects(backend.events.commit(commitOf('late', 'a')), failed)
  await proxy.accept()
  assert.equal((await backend.events.commit(commitOf('after', 'a'))).verdict, 'stored')
  await assertLog(place, ['first', 'after'])
})

test('while the server is away for a moment nobody notices', { skip }, async () => {
  await using place = await broken()
  const { proxy, backend } = place
  await backend.events.commit(commitOf('first', 'a'))
  proxy.refuse()
  proxy.cut()
  const work = Promise.all([backend.events.commit(commitOf('c1', 'a')), backend.events.head()])
  await delay(300)
  await proxy.accept()
  const [{ verdict }] = await work
  assert.equal(verdict, 'stored')
  await assertLog(place, ['first', 'c1'])
})

test('a session that still waits with a group is ended before the group is appended again', { skip }, async () => {
  await using place = await broken()
  const { proxy, backend, schema } = place
  await backend.events.commit(commitOf('first', 'a'))
  const client = new Client({ connectionString: schema.url })
  await client.connect()
  try {
    const head = `${schema.schema}.head`
    let isSettled = false
    const waiting = `SELECT pid FROM pg_locks WHERE relation = '${head}'::regclass AND NOT granted`
    const nextWaiting = async (after?: number): Promise<number> => {
      for (;;) {
        assert.ok(!isSettled, 'The commit was answered while the log was locked.')
        const pids = (await client.query<{ pid: number }>(waiting)).rows.map(({ pid }) => pid)
        const [pid] = pids
        if (pids.length === 1 && pid !== undefined && pid !== after) return pid
      }
    }
    await client.query(`BEGIN; LOCK TABLE ${head} IN SHARE UPDATE EXCLUSIVE MODE`)
    const committing = backend.events.commit(commitOf('c1', 'a')).finally(() => (isSettled = true))
    const left = await nextWaiting()
    // The server does not notice: it would wait on, and append when the lock is free.
    proxy.cut()
    const next = await nextWaiting(left)
    assert.notEqual(next, left)
    await client.query('COMMIT')
    assert.equal((await committing).verdict, 'stored')
  } finally {
    await client.end()
  }
  await assertLog(place, ['first', 'c1'])
})

test(
  'a connection that is cut while it is prepared costs a failed statement, and not the process',
  { skip },
  async () => {
    const { url, schema } = await newSchema()
    await using proxy = await startTcpProxy(url)
    const server = {
      url: proxy.through(url),
      applicationName: 'gesta',
      connectTimeoutMs: 5_000,
      answerTimeoutMs: 5_000,
    }
    const pool = createPool({ server, place: schema, connectionsMax: 1, ...runtime, retryForMs: 0 })
    let failed = 0
    for (let bytes = 1, hasAnswered = false; !hasAnswered; bytes += 7) {
      proxy.impose({ cutAfter: { direction: 'answers', bytes } })
      try {
        await pool.read('SELECT 1')
        hasAnswered = true
      } catch (error) {
        assert.ok(isGestaError(error, 'store_unavailable'))
        failed += 1
      }
    }
    assert.ok(failed > 0)
    proxy.heal()
    await pool.close()
  },
)
