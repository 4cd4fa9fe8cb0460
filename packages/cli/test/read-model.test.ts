import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadModelStatus } from '@gesta/core/host'
import type { ParkedEvent } from '@gesta/core/ports'
import { place } from './given/orders-app.ts'
import { answered, gesta, gestaHere } from './run-gesta.ts'
import { servedOrders } from './served-orders.ts'

test('list and show tell how the read models of a running app are', async () => {
  await using served = await servedOrders(4200, 500)
  const list = await gesta(['read-model', 'list', ...served.there])
  assert.equal(list.code, 0, list.stderr)
  assert.match(list.stdout, /^Order +1 +1 +live +2 +0 +0 +here\ntotals +1 +1 +live/m)
  const show = await gestaHere(['read-model', 'show', 'totals', ...served.there])
  assert.match(show.stdout, /^state +live$/m)
  const unknown = await gestaHere(['read-model', 'show', 'total', ...served.there])
  assert.equal(unknown.code, 1)
  assert.match(unknown.stderr, /^gesta: read_model_unknown: /)
})

test('a read model is paused, resumed, stopped, started and restarted', async () => {
  await using served = await servedOrders(4200)
  const told = async (action: string): Promise<string> => {
    const { code, stderr } = await gestaHere(['read-model', action, 'totals', ...served.there])
    assert.equal(code, 0, stderr)
    return served.running.readModels.control('totals').status().state
  }
  assert.equal(await told('pause'), 'paused')
  await told('resume')
  await served.running.caughtUp()
  assert.equal(await told('stop'), 'stopped')
  await told('start')
  await served.running.caughtUp()
  await told('restart')
  await served.running.caughtUp()
  assert.equal(served.running.readModels.control('totals').status().state, 'live')
  await told('cancel')
})

test('restore --from-zero --wait ends when queries read the new generation', async () => {
  await using served = await servedOrders(4200, 500)
  const restore = ['read-model', 'restore', 'totals', '--from-zero', '--wait', ...served.there]
  const { generation, state } = await answered<ReadModelStatus>(restore)
  assert.ok(generation !== undefined && generation > 1)
  assert.equal(state, 'live')
  const again = await gesta(restore)
  assert.equal(again.code, 0, again.stderr)
  assert.match(again.stdout, /^Queries read generation \d+ of totals\. It is live\.$/m)
})

test('restore --wait shows somebody who watches how far it is, and takes that away at the end', async () => {
  await using served = await servedOrders(4200, 500)
  const shown: string[] = []
  const restore = ['read-model', 'restore', 'totals', '--from-zero', '--wait', ...served.there]
  const { code, stderr } = await gestaHere(restore, { watch: (line) => void shown.push(line) })
  assert.equal(code, 0, stderr)
  // A build of two events may be over before anybody looked.
  for (const line of shown.slice(0, -1)) assert.match(line, /^totals generation \d+: \d of 2 \(\d+ %\), \d+ events\/s/)
  assert.equal(shown.at(-1), '')
})

test('restore without --wait is answered at once', async () => {
  await using served = await servedOrders(4200)
  const { code, stdout, stderr } = await gestaHere(['read-model', 'restore', 'totals', ...served.there])
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^totals is being restored\./)
})

test('parked events are listed, tried again and discarded with a reason', async () => {
  await using served = await servedOrders(4200)
  const { running, there } = served
  await served.breaks(true)
  await running.dispatch(place({ orderId: 'A-1', pence: 13 }))
  await running.dispatch(place({ orderId: 'A-2', pence: 13 }))
  await running.caughtUp()
  const parked = (...options: readonly string[]) =>
    answered<readonly ParkedEvent[]>(['read-model', 'parked', 'totals', ...options, ...there])
  assert.deepEqual(
    (await parked()).map(({ position, key }) => [position, key]),
    [
      [2, 'A-1'],
      [3, 'A-2'],
    ],
  )
  assert.match((await gestaHere(['read-model', 'parked', 'totals', ...there])).stdout, /^2 +A-1 +Order\.Placed +1 /m)

  await served.breaks(false)
  const retried = await gesta(['read-model', 'retry', 'totals', '--key', 'A-1', ...there])
  assert.equal(retried.stdout, '1 event of "A-1" will be tried again.\n', retried.stderr)
  const discard = ['read-model', 'discard', 'totals', '--position', '3', '--reason', 'a test order', ...there]
  assert.equal((await gestaHere(discard)).code, 0)
  while (running.readModels.control('totals').status().parked > 0) await sleep(5)
  assert.deepEqual(await parked(), [])
  assert.deepEqual(
    (await parked('--discarded')).map(({ position, reason }) => [position, reason]),
    [[3, 'a test order']],
  )
  const twice = await gestaHere(discard)
  assert.equal(twice.code, 1)
  assert.match(twice.stderr, /No event waits at position 3 of totals/)
})

test('an app that is not there is told from one that refuses', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  const { code, stderr } = await gestaHere(['read-model', 'list', '--url', `http://127.0.0.1:${port}`])
  assert.equal(code, 1)
  assert.match(stderr, /^gesta: unreachable: .*nobody answers \(ECONNREFUSED\)/)
})

test('what is no app is said to be none', async () => {
  for (const [status, said] of [
    [200, '<html>'],
    [200, 'null'],
    [302, ''],
    [500, 'oops'],
  ] as const) {
    await using other = createServer((_, answer) => void answer.writeHead(status).end(said)).listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await gestaHere(['command', 'list', '--url', `http://127.0.0.1:${port}`])
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`^gesta: refused: Expected the admin address .*something else \\(status ${status}`))
  }
})
