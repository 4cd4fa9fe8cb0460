// Short runs, in which each broker is put through everything that it can be: nothing is lost, nothing happens twice, each key is in
// order. `npm run ledger` runs for as long as it is told to.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ownKafkaForTests, ownNatsForTests, ownRedisForTests, postgresForTests } from '@gesta/services'
import type { BrokerPlace } from '../src/broker-place.ts'
import { newKafkaPlace } from '../src/places/kafka-place.ts'
import { newMemoryPlace } from '../src/places/memory-place.ts'
import { newNatsPlace } from '../src/places/nats-place.ts'
import { newRedisPlace, redisSettings } from '../src/places/redis-place.ts'
import { runLedger } from '../src/run.ts'

const messages = 200
const postgres = await postgresForTests()
const [nats, redis, kafka] = [await ownNatsForTests(), await ownRedisForTests(), await ownKafkaForTests()]

async function findsNothing(
  newPlace: () => Promise<BrokerPlace>,
  faults: { readonly [kind: string]: number },
): Promise<void> {
  await using database = await postgres.newDatabase()
  await using place = await newPlace()
  const run = await runLedger(place, { messages, seed: 1, storeUrl: database.url })
  assert.deepEqual(run.findings, [])
  assert.deepEqual(Object.fromEntries(run.faults), faults)
  assert.ok(run.lateHad > 0)
}

describe('numbered messages arrive, once and in order,', { skip: postgres.skip }, () => {
  test('in memory, whoever is replaced', () => findsNothing(newMemoryPlace, { replacement: 3 }))

  test('over NATS, whatever is killed, stopped, cut off and restarted', { skip: nats.skip }, () =>
    findsNothing(async () => newNatsPlace(await nats.start()), { kill: 3, cut: 2, restart: 2, pause: 2 }),
  )

  test('over Redis Streams, whatever is killed, stopped, cut off and restarted', { skip: redis.skip }, () =>
    findsNothing(async () => newRedisPlace(await redis.start(redisSettings)), {
      kill: 3,
      cut: 2,
      restart: 2,
      pause: 2,
    }),
  )

  test('over Kafka, whatever is killed, stopped and cut off', { skip: kafka.skip }, () =>
    findsNothing(async () => newKafkaPlace(await kafka.startProxied()), { kill: 2, cut: 2, pause: 1 }),
  )
})
