import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ownPostgresForTests } from '../../src/index.ts'
import { createDatabase, openDatabaseRun } from '../../src/postgres/databases.ts'
import { ask } from './ask.ts'

const postgres = await ownPostgresForTests()

describe('a PostgreSQL of its own', { skip: postgres.skip }, () => {
  test('has the settings that it is given, and is stopped and started again on the same data', async () => {
    await using server = await postgres.start({ settings: { max_prepared_transactions: '7' } })
    assert.deepEqual(await ask(server.url, 'show max_prepared_transactions'), [{ max_prepared_transactions: '7' }])
    await ask(server.url, 'create table stops as select 0 as number')
    for (const [number, mode] of (['fast', 'immediate'] as const).entries()) {
      await ask(server.url, `insert into stops values (${number + 1})`)
      await server.stop(mode)
      await assert.rejects(ask(server.url, 'select 1'), /ECONNREFUSED/)
      await assert.rejects(server.stop('fast'), /not running/)
      await server.start()
      await assert.rejects(server.start(), /running already/)
    }
    assert.deepEqual(await ask(server.url, 'select max(number) as last from stops'), [{ last: 2 }])
  })

  test('that cannot start says what the server said', async () => {
    await assert.rejects(postgres.start({ settings: { no_such_setting: '1' } }), /unrecognized configuration parameter/)
  })

  test('lets a run tidy up behind itself and behind dead runs, and leaves living runs alone', async () => {
    await using server = await postgres.start()
    const tests = async (): Promise<unknown[]> =>
      ask(server.url, `select datname as name from pg_database where datname like 'gesta%' order by oid`)
    const living = await openDatabaseRun(server.url)
    const kept = await createDatabase(server.url, living.id)
    // A run that was killed has left a database, and its lock ended with its connection.
    await createDatabase(server.url, living.id === 1 ? 2 : 1)

    const run = await openDatabaseRun(server.url)
    assert.deepEqual(await tests(), [{ name: kept.name }])
    await createDatabase(server.url, run.id)
    await run[Symbol.asyncDispose]()
    assert.deepEqual(await tests(), [{ name: kept.name }])
    await living[Symbol.asyncDispose]()
    assert.deepEqual(await tests(), [])
  })
})
