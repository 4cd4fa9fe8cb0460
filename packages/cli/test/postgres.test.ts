import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { hostOf, systemRuntime } from '@gesta/core/host'
import { postgres } from '@gesta/postgres'
import { postgresForTests } from '@gesta/services'
import { app, place } from './given/orders-app.ts'
import { answered, gesta } from './run-gesta.ts'

const server = await postgresForTests()

interface Info {
  readonly backend: string
  readonly incarnation: string
  readonly head: number
}

describe('a store on PostgreSQL', { skip: server.skip }, () => {
  test('is told of, and no password with it', async () => {
    const { url, store, named } = await newStore('info')
    await using running = await app.start({ store })
    await running.dispatch(place({ orderId: 'A-1', pence: 4200 }))
    const { code, stdout, stderr } = await gesta(['store', 'info', ...named])
    assert.equal(code, 0, stderr)
    assert.match(stdout, /^backend +postgres$/m)
    assert.match(stdout, /^head +1$/m)
    const { username, password } = new URL(url)
    assert.ok(!`${stdout}${stderr}`.includes(`${username}:${password}@`))
  })

  test('is forked, with a warning about processes that cannot be seen', async () => {
    const { store, named } = await newStore('fork')
    await (await app.start({ store }))[Symbol.asyncDispose]()
    const before = await answered<Info>(['store', 'info', ...named])
    const { code, stderr } = await gesta(['store', 'fork', '--yes', ...named])
    assert.equal(code, 0, stderr)
    assert.match(stderr, /Processes that own nothing in the store cannot be seen/)
    assert.notEqual((await answered<Info>(['store', 'info', ...named])).incarnation, before.incarnation)
  })

  test('is not made where a name was mistyped', async () => {
    const { url, named } = await newStore('mistyped')
    for (const command of [
      ['store', 'info'],
      ['store', 'fork', '--yes'],
      ['views', 'list'],
    ]) {
      const { code, stderr } = await gesta([...command, ...named])
      assert.equal(code, 1)
      assert.match(stderr, /^gesta: store_foreign: Expected a store of gesta in schema mistyped of .*there is none/)
    }
    await using opened = await postgres({ url, schema: 'mistyped' }).open(systemRuntime())
    assert.equal(await opened.events.head(), 0)
    assert.equal((await gesta(['store', 'info', ...named])).code, 0, 'what an app has made is a store')
  })

  test('is not forked while an app runs its read models on it', async () => {
    const { store, named } = await newStore('owned')
    await using running = await app.start({ store })
    await running.caughtUp()
    const { code, stderr } = await gesta(['store', 'fork', '--yes', ...named])
    assert.equal(code, 1)
    assert.match(stderr, /^gesta: store_locked: .*leases are held: .*totals.*\. Stop all processes/)
    assert.equal((await answered<Info>(['store', 'info', ...named])).incarnation, hostOf(running).incarnation)
  })
})

async function newStore(schema: string) {
  const { url } = await server.newDatabase()
  return { url, store: postgres({ url, schema }), named: ['--store', `postgres:${url}`, '--schema', schema] }
}
