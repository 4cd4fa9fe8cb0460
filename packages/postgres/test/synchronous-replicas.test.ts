// Replicas that a commit waits for: what they may not have is not acknowledged, even when it can be seen on the primary.
import assert from 'node:assert/strict'
import test from 'node:test'
import { Client } from 'pg'
import { isGestaError } from '@gesta/core/ports'
import { ownPostgresForTests } from '@gesta/services'
import { postgres } from '../src/index.ts'
import { commitOf } from './commits.ts'
import { runtime } from './runtime.ts'

const { skip, start } = await ownPostgresForTests()

test('a commit that no replica has is unknown, also when the server shows it, until one has it', { skip }, async () => {
  await using own = await start({ settings: {} })
  const hasty = { url: own.url, schema: 'shop', lockTimeoutMs: 900, answerTimeoutMs: 2_000, retryForMs: 5_000 }
  await using backend = await postgres(hasty).open(runtime)
  await backend.events.commit(commitOf('first', 'a'))
  const client = new Client({ connectionString: own.url })
  await client.connect()
  const setStandbys = async (names: string): Promise<void> => {
    await client.query(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`)
    await client.query('SELECT pg_reload_conf()')
  }
  /** The server takes the setting when it comes to it: until a commit waits, more are tried. */
  const untilCommitsWait = async (): Promise<void> => {
    const probe = new Client({ connectionString: own.url })
    await probe.connect()
    const { rows } = await probe.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    let isOver = false
    const probing = (async () => {
      while (!isOver) await probe.query(`SELECT pg_logical_emit_message(true, 'probe', '')`)
    })()
    const waits = `SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'SyncRep'`
    while ((await client.query(waits, [rows[0]?.pid])).rowCount === 0);
    isOver = true
    await client.query('SELECT pg_cancel_backend($1)', [rows[0]?.pid])
    await probing
    await probe.end()
  }
  try {
    await setStandbys('nobody')
    await untilCommitsWait()
    await assert.rejects(backend.events.commit(commitOf('c1', 'a')), (error) => isGestaError(error, 'outcome_unknown'))
    assert.equal((await backend.events.header('t', 'c1'))?.commandId, 'c1')
    await setStandbys('')
    assert.equal((await backend.events.commit(commitOf('c1', 'a'))).verdict, 'duplicate')
    assert.equal(await backend.events.head(), 2)
  } finally {
    await client.end()
  }
})
