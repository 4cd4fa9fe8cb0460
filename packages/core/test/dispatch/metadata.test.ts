// What a transport noted of a request: told to handlers, and stored with no event.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { aggregate, command, domain, event, handle, query } from '@gesta/core'
import { z } from 'zod'
import { wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

const noted = z.record(z.string(), z.string()).nullable()
const Called = event('Call.Called', z.object({}))
const Call = aggregate('Call', () => 0).on(Called, (count) => count + 1)
const make = command('Call.Make', { result: noted })
const ask = query('Call.Ask', { result: noted })
const outer = query('Call.Outer', { result: noted })
const calls = domain('Call', {
  permissions: 'anonymous',
  aggregates: [Call],
  handlers: [
    handle(make, async (_, { load, metadata }) => {
      const call = await load(Call, 'c')
      call.emit(Called({}))
      return metadata ?? null
    }),
    handle(ask, async (_, { metadata }) => metadata ?? null),
    handle(outer, async (_, { query: inner }) => inner(ask())),
  ],
})
const metadata = { address: '192.0.2.7', userAgent: 'till/7' }

test('a handler of a command, of a query and of an inner query is told the metadata of the request', async () => {
  await using app = await startApp(calls)
  const outcome = await app.running.dispatch(make(), { metadata })
  assert.deepEqual(outcome.ok && outcome.result, metadata)
  assert.deepEqual(await app.running.query(ask(), { metadata }), metadata)
  assert.deepEqual(await app.running.query(outer(), { metadata }), metadata)
})

test('without any a handler is told none', async () => {
  await using app = await startApp(calls)
  const outcome = await app.running.dispatch(make())
  assert.deepEqual([outcome.ok && outcome.result, await app.running.query(ask())], [null, null])
})

test('metadata is in the record of the command, and in no event', async () => {
  await using app = await startApp(calls)
  const { commandId } = await app.running.dispatch(make(), { metadata })
  assert.deepEqual((await app.running.commandLog.get('', commandId))?.metadata, metadata)
  assert.doesNotMatch(JSON.stringify(await wholeLog(app.store)), /192\.0\.2\.7|till/)
})
