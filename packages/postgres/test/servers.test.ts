// Servers in trouble: what callers are told, that nothing is lost, and that the store goes on by itself.
import assert from 'node:assert/strict'
import test, { after } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { isGestaError } from '@gesta/core/ports'
import type { ErrorCode, GestaError } from '@gesta/core/ports'
import { ownPostgresForTests } from '@gesta/services'
import type { OwnServer } from '@gesta/services'
import { postgres } from '../src/index.ts'
import { commitOf, oneTo } from './commits.ts'
import { runtime } from './runtime.ts'

const { skip, start } = await ownPostgresForTests()
const settings = { max_connections: '20', superuser_reserved_connections: '3', max_prepared_transactions: '5' }
let started: Promise<OwnServer> | undefined
const server = (): Promise<OwnServer> => (started ??= start({ settings }))
after(async () => (await started)?.[Symbol.asyncDispose]())
let made = 0

async function newStore(): Promise<{ readonly url: string; readonly schema: string }> {
  made += 1
  return { url: (await server()).url, schema: `store_${made}` }
}
async function withClient<T>(url: string, run: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}
async function refused(run: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<GestaError> {
  const error = await run.then(
    () => assert.fail(`Expected ${code}.`),
    (reason: unknown) => reason,
  )
  assert.ok(isGestaError(error, code), String(error))
  assert.match(error.message, message)
  return error
}

test(
  'a server that crashes again and again loses nothing that was acknowledged, and no caller is told less',
  { skip },
  async () => {
    const own = await server()
    const options = await newStore()
    await using backend = await postgres({ ...options, retryForMs: 30_000 }).open(runtime)
    let isOver = false
    const crashing = (async () => {
      for (let round = 0; round < 4; round += 1) {
        await delay(30)
        await own.stop(round % 2 === 0 ? 'immediate' : 'fast')
        await own.start()
      }
      isOver = true
    })()
    const stored: string[] = []
    const lane = async (number: number): Promise<void> => {
      for (let i = 1; !isOver; i += 1) {
        const commandId = `${number}-${i}`
        const { verdict } = await backend.events.commit(commitOf(commandId, `s${i % 5}`))
        assert.equal(verdict, 'stored')
        stored.push(commandId)
      }
    }
    await Promise.all([crashing, ...oneTo(8).map(lane)])
    const found = new Set<string>()
    for (let after_ = 0; ;) {
      const page = await backend.events.readAll({ after: after_, limit: 1000 })
      for (const { position, commandId } of page) {
        assert.equal(position, (after_ += 1))
        assert.ok(!found.has(commandId))
        found.add(commandId)
      }
      if (page.length === 0) break
    }
    assert.deepEqual([...found].sort(), stored.sort())
  },
)

test('a server that is down is told when the app starts, and waited for a while', { skip }, async () => {
  const own = await server()
  const options = await newStore()
  await own.stop('fast')
  try {
    const error = await refused(
      postgres({ ...options, retryForMs: 100 }).open(runtime),
      'store_unavailable',
      /Expected schema store_\d+ of 127\.0\.0\.1:\d+\/postgres to answer/,
    )
    assert.ok(error.cause instanceof Error)
  } finally {
    await own.start()
  }
  const opening = postgres({ ...options, retryForMs: 30_000 }).open(runtime)
  await (await opening)[Symbol.asyncDispose]()
})

test('a server without a connection left is told, and used again when there is one', { skip }, async () => {
  const options = await newStore()
  await withClient(options.url, async (client) => {
    await client.query(`CREATE ROLE app LOGIN CONNECTION LIMIT 1; GRANT CREATE ON DATABASE postgres TO app`)
  })
  const url = new URL(options.url)
  url.username = 'app'
  const limited = { ...options, url: url.href, retryForMs: 100 }
  const holder = new Client({ connectionString: url.href })
  await holder.connect()
  await refused(postgres(limited).open(runtime), 'store_unavailable', /too many connections/)
  await holder.end()
  // One is not enough for reads and appends.
  await withClient(options.url, (client) => client.query('ALTER ROLE app CONNECTION LIMIT 2'))
  await using backend = await postgres({ ...limited, connectionsMax: 1, retryForMs: 5_000 }).open(runtime)
  assert.equal((await backend.events.commit(commitOf('c1', 'a'))).verdict, 'stored')
})

test(
  'a prepared transaction that holds the head is named, in the error and in what the store says of itself',
  { skip },
  async () => {
    const options = await newStore()
    await using backend = await postgres({ ...options, lockTimeoutMs: 200 }).open(runtime)
    const { events } = backend
    await events.commit(commitOf('c1', 'a'))
    await withClient(options.url, (client) =>
      client.query(
        `BEGIN; LOCK TABLE ${options.schema}.head IN SHARE UPDATE EXCLUSIVE MODE; PREPARE TRANSACTION 'forgotten'`,
      ),
    )
    const commits = oneTo(20).map((i) => events.commit(commitOf(`held-${i}`, `s${i}`)))
    for (const committing of commits) {
      const error = await refused(
        committing,
        'store_locked',
        /kept locked by the prepared transaction forgotten since \d+ s/,
      )
      assert.equal(error.facts['lockTimeoutMs'], 200)
    }
    const { details } = await events.info()
    assert.equal(details['preparedTransactions'], 1)
    await withClient(options.url, (client) => client.query(`ROLLBACK PREPARED 'forgotten'`))
    assert.equal((await events.commit(commitOf('held-1', 's1'))).verdict, 'stored')
    assert.equal((await events.info()).details['preparedTransactions'], 0)
  },
)

test('a transaction that somebody left open is named by its process', { skip }, async () => {
  const options = await newStore()
  await using backend = await postgres({ ...options, lockTimeoutMs: 200 }).open(runtime)
  const { events } = backend
  await withClient(options.url, async (client) => {
    await client.query(`SET application_name = 'a script'`)
    await client.query(`BEGIN; LOCK TABLE ${options.schema}.head IN SHARE UPDATE EXCLUSIVE MODE`)
    await refused(
      events.commit(commitOf('c1', 'a')),
      'store_locked',
      /process \d+ \(a script, idle in transaction\) since \d+ s/,
    )
    // Who holds it for a moment only is not worth a word.
    let heldBy: string | number | boolean | undefined
    while (heldBy === undefined) heldBy = (await events.info()).details['headHeldBy']
    assert.match(String(heldBy), /a script/)
    await client.query('COMMIT')
  })
  assert.equal((await events.commit(commitOf('c1', 'a'))).verdict, 'stored')
})

test('a server that takes no writes answers reads, and says so to commits', { skip }, async () => {
  const options = await newStore()
  {
    await using backend = await postgres(options).open(runtime)
    await backend.events.commit(commitOf('c1', 'a'))
  }
  const url = new URL(options.url)
  url.searchParams.set('options', '-c default_transaction_read_only=on')
  await using backend = await postgres({ ...options, url: url.href }).open(runtime)
  assert.equal((await backend.events.readAll({ after: 0 })).length, 1)
  await refused(backend.events.commit(commitOf('c2', 'a')), 'store_read_only', /takes no writes/)
})

test('a role without the right to write is told so', { skip }, async () => {
  const options = await newStore()
  await (await postgres(options).open(runtime))[Symbol.asyncDispose]()
  await withClient(options.url, (client) =>
    client.query(
      `CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA ${options.schema} TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA ${options.schema} TO reader`,
    ),
  )
  const url = new URL(options.url)
  url.username = 'reader'
  await using backend = await postgres({ ...options, url: url.href }).open(runtime)
  await refused(backend.events.commit(commitOf('c1', 'a')), 'store_read_only', /no right/)
  await refused(postgres({ ...options, url: url.href, schema: 'other' }).open(runtime), 'store_read_only', /no right/)
})

test('an unknown role, database or host is told without the password', { skip }, async () => {
  const options = await newStore()
  const wrong = (change: (url: URL) => void): string => {
    const url = new URL(options.url)
    url.password = 'very-secret'
    change(url)
    return url.href
  }
  for (const url of [
    wrong((given) => (given.username = 'nobody')),
    wrong((given) => (given.pathname = '/missing')),
    wrong((given) => (given.hostname = 'host.invalid')),
  ]) {
    const error = await refused(
      postgres({ ...options, url, retryForMs: 0 }).open(runtime),
      'store_unavailable',
      /Expected/,
    )
    const shown = `${error.message} ${JSON.stringify(error.facts)} ${String(error.cause)}`
    assert.ok(!shown.includes('very-secret'), shown)
  }
})

test('a slow answer is given up in time, and the commit is stored once', { skip }, async () => {
  const options = await newStore()
  await using backend = await postgres({ ...options, lockTimeoutMs: 5_000, answerTimeoutMs: 10_500 }).open(runtime)
  await using hasty = await postgres({
    ...options,
    lockTimeoutMs: 900,
    answerTimeoutMs: 2_000,
    retryForMs: 10_000,
  }).open(runtime)
  await withClient(options.url, async (client) => {
    // Reads wait for this lock too.
    await client.query(`BEGIN; LOCK TABLE ${options.schema}.commits IN ACCESS EXCLUSIVE MODE`)
    await refused(hasty.events.head(), 'store_unavailable', /did not|in time/)
    const committing = backend.events.commit(commitOf('c1', 'a'))
    const waiting = `SELECT FROM pg_locks WHERE relation = '${options.schema}.commits'::regclass AND NOT granted`
    while ((await client.query(waiting)).rowCount === 0);
    await client.query('COMMIT')
    assert.equal((await committing).verdict, 'stored')
  })
  assert.equal((await hasty.events.commit(commitOf('c1', 'a'))).verdict, 'duplicate')
})
