// A broker of the harness's own, by its name.
import { startRedis } from '@gesta/services'
import type { BrokerName, BrokerPlace } from '../broker-place.ts'
import { newMemoryPlace } from './memory-place.ts'
import { newRedisPlace } from './redis-place.ts'
import { redisSettings } from './redis-place.ts'

export async function newPlace(broker: BrokerName): Promise<BrokerPlace> {
  switch (broker) {
    case 'redis':
      return newRedisPlace(await startRedis(redisSettings))
    case 'memory':
      return newMemoryPlace()
    default:
      throw new Error(`There is no place for ${broker} yet.`)
  }
}
