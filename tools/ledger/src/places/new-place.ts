// A broker of the harness's own, by its name.
import { ownKafkaForTests, startNats, startRedis } from '@gesta/services'
import type { BrokerName, BrokerPlace } from '../broker-place.ts'
import { namedKafkaPlace, newKafkaPlace } from './kafka-place.ts'
import { newMemoryPlace } from './memory-place.ts'
import { newNatsPlace } from './nats-place.ts'
import { newRedisPlace, redisSettings } from './redis-place.ts'

export async function newPlace(broker: BrokerName, unordered: boolean): Promise<BrokerPlace> {
  switch (broker) {
    case 'nats':
      return newNatsPlace(await startNats(), unordered)
    case 'redis':
      return newRedisPlace(await startRedis(redisSettings), unordered)
    case 'kafka': {
      const named = process.env['GESTA_TEST_KAFKA_URL']
      if (named) return namedKafkaPlace(named)
      return newKafkaPlace(await (await ownKafkaForTests()).startProxied())
    }
    case 'memory':
      return newMemoryPlace()
  }
}
