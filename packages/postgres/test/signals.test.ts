// Processes tell each other that something was stored; whoever hears nothing finds it by looking.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { Client } from 'pg'
import { postgres } from '../src/index.ts'
import { commitOf } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

/** Resolves with the next signal. */
function nextSignal(events: Awaited<ReturnType<ReturnType<typeof postgres>['open']>>['events']): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const listening = events.onAdvance?.(resolve)
  return promise.finally(() => listening?.[Symbol.dispose]())
}

test('a process hears of the commits of another one', { skip }, async () => {
  const options = await newSchema()
  await using reader = await postgres(options).open(runtime)
  await using writer = await postgres(options).open(runtime)
  // The first signal says that it listens from now on.
  await nextSignal(reader.events)
  const heard = nextSignal(reader.events)
  await writer.events.commit(commitOf('c1', 'a'))
  await heard
  assert.equal((await reader.events.readAll({ after: 0 })).length, 1)
})

test('a process does not hear itself', { skip }, async () => {
  const options = await newSchema()
  await using own = await postgres(options).open(runtime)
  await using other = await postgres(options).open(runtime)
  await Promise.all([nextSignal(own.events), nextSignal(other.events)])
  let heard = 0
  using _ = own.events.onAdvance?.(() => (heard += 1)) ?? { [Symbol.dispose]: () => undefined }
  const told = nextSignal(other.events)
  await own.events.commit(commitOf('c1', 'a'))
  await told
  assert.equal(heard, 0)
})

test('a listener whose connection was ended listens again', { skip }, async () => {
  const options = await newSchema()
  await using reader = await postgres(options).open(runtime)
  await using writer = await postgres(options).open(runtime)
  await nextSignal(reader.events)
  const client = new Client({ connectionString: options.url })
  await client.connect()
  // Schemas of other files' databases are called alike.
  const ended = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE query = 'LISTEN "gesta ${options.schema}"' AND datname = current_database()`
  const again = nextSignal(reader.events)
  assert.equal((await client.query(ended)).rowCount, 1)
  await Promise.all([client.end(), once(client, 'end')])
  await again
  const heard = nextSignal(reader.events)
  await writer.events.commit(commitOf('c1', 'a'))
  await heard
})
