import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Client } from 'pg'
import { postgresForTests } from '../../src/index.ts'
import { ask } from './ask.ts'

const postgres = await postgresForTests()

describe('a database for a test', { skip: postgres.skip }, () => {
  test('is empty, in UTF-8, and nobody else has it', async () => {
    await using one = await postgres.newDatabase()
    await using other = await postgres.newDatabase()
    assert.notEqual(one.name, other.name)
    await ask(one.url, 'create table orders (id int)')
    assert.deepEqual(await ask(other.url, `select tablename from pg_tables where schemaname = 'public'`), [])
    assert.deepEqual(await ask(one.url, 'show server_encoding'), [{ server_encoding: 'UTF8' }])
  })

  test('is dropped when it is disposed, also while a client is connected', async () => {
    await using beside = await postgres.newDatabase()
    const database = await postgres.newDatabase()
    const client = new Client({ connectionString: database.url })
    client.on('error', () => undefined)
    await client.connect()
    await database[Symbol.asyncDispose]()
    await client.end()
    const named = `select datname from pg_database where datname = '${database.name}'`
    assert.deepEqual(await ask(beside.url, named), [])
  })
})
