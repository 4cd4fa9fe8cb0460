import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configDomain, createApp, defineConfig, followConfig, memory, openConfig } from '@gesta/core'
import { serveAdmin } from '@gesta/http'
import { z } from 'zod'
import { gestaHere } from './run-gesta.ts'

/** A process that follows what administrators set, with its admin address. */
async function followed() {
  const definition = defineConfig({
    ordersMax: { schema: z.int().min(1), default: 100, description: 'Open orders.', reload: 'hot' },
    title: { schema: z.string(), default: 'Shop', description: 'Its name.', reload: 'hot' },
    port: { schema: z.int(), default: 80, description: 'Where it listens.', reload: 'restart' },
    token: { schema: z.string(), default: 'none', description: 'Of the mailer.', secret: true },
  })
  await using opening = new AsyncDisposableStack()
  const config = opening.use(await openConfig(definition))
  const app = createApp('shop', { domains: [configDomain(config)] })
  const running = opening.use(await app.start({ store: memory() }))
  opening.use(await followConfig(running, config, { process: 'web-1' }))
  const { url } = opening.use(await serveAdmin(running, { port: 0 }))
  const opened = opening.move()
  return {
    config,
    gesta: (...words: readonly string[]) => gestaHere([...words, '--url', url]),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}

test('gesta config set tells of each process what it made of the new values', async () => {
  await using place = await followed()
  const set = await place.gesta('config', 'set', 'ordersMax=7', 'title=Sale', '--reason', 'Black Friday')
  assert.equal(set.code, 0, set.stderr)
  assert.match(set.stdout, /^Version 1\.\nprocess +state +version +since\nweb-1 +applied +1 +\d{4}-/)
  assert.deepEqual([place.config.current.ordersMax, place.config.current.title], [7, 'Sale'])
  const waits = await place.gesta('config', 'set', 'port=81')
  assert.equal(waits.code, 1)
  assert.match(waits.stdout, /^web-1 +pending +2 +\S+ +after a restart: port$/m)
  const removed = await place.gesta('config', 'set', '--remove', 'port,title')
  assert.equal(removed.code, 0, removed.stdout)
  assert.equal(place.config.current.title, 'Shop')
  assert.match((await place.gesta('config', 'processes')).stdout, /^web-1 +applied +3 /m)
})

test('gesta config history tells who has set what and why, and rollback puts it back', async () => {
  await using place = await followed()
  assert.equal((await place.gesta('config', 'history')).stdout, 'Nothing was ever set.\n')
  await place.gesta('config', 'set', 'ordersMax=7', '--reason', 'Black Friday')
  await place.gesta('config', 'set', 'ordersMax=9')
  const back = await place.gesta('config', 'rollback', '1')
  assert.match(back.stdout, /^Version 3\.\n/, back.stderr)
  assert.equal(place.config.current.ordersMax, 7)
  const { stdout } = await place.gesta('config', 'history', '--limit', '3')
  assert.match(stdout, /^3 .* ordersMax +Back to version 1\.\n2 .*\n1 .* ordersMax +Black Friday$/m)
})

test('gesta config set --if-version sets nothing when somebody else has set values since', async () => {
  await using place = await followed()
  assert.equal((await place.gesta('config', 'set', 'ordersMax=7', '--if-version', '0')).code, 0)
  const late = await place.gesta('config', 'set', 'ordersMax=9', '--if-version', '0')
  assert.equal(late.code, 1)
  assert.match(late.stderr, /Somebody else has set values since\./)
  assert.equal(place.config.current.ordersMax, 7)
  assert.equal((await place.gesta('config', 'set', 'ordersMax=9', '--if-version', 'x')).code, 2)
})

test('gesta config set takes no key twice, and no number of which JSON would keep another one', async () => {
  await using place = await followed()
  for (const words of [
    ['ordersMax=1', 'ordersMax=2'],
    ['ordersMax=9007199254740993'],
    ['title={"limits":[1.00000000000000000001]}'],
    ['ordersMax=1e999'],
    ['ordersMax=1', '--remove', 'title,ordersMax'],
  ]) {
    const refused = await place.gesta('config', 'set', ...words)
    assert.deepEqual([refused.code, refused.stdout], [2, ''], words.join(' '))
  }
  assert.equal((await place.gesta('config', 'history')).stdout, 'Nothing was ever set.\n')
  assert.equal((await place.gesta('config', 'set', 'ordersMax=1.20e3', 'title="9007199254740993"')).code, 0)
  assert.deepEqual([place.config.current.ordersMax, place.config.current.title], [1200, '9007199254740993'])
})

test('gesta config set refuses what does not fit, with all problems, and sets nothing', async () => {
  await using place = await followed()
  const refused = await place.gesta('config', 'set', 'ordersMax=0', 'titel=x')
  assert.equal(refused.code, 1)
  assert.match(
    refused.stdout,
    /^Nothing was set: the values do not fit\.\n {2}- titel .*Did you mean "title"\?\n {2}- ordersMax /,
  )
  const secret = await place.gesta('config', 'set', 'token=hunter2')
  assert.equal(secret.code, 1)
  assert.doesNotMatch(secret.stdout + secret.stderr, /hunter2/)
  assert.equal((await place.gesta('config', 'set', 'ordersMax')).code, 2)
  assert.equal((await place.gesta('config', 'set')).code, 2)
  assert.equal((await place.gesta('config', 'rollback', 'one')).code, 2)
  assert.match((await place.gesta('config', 'rollback', '5')).stderr, /There is no such version/)
  assert.equal((await place.gesta('config', 'history')).stdout, 'Nothing was ever set.\n')
})
