// Redis Streams: a server of the harness's own, whose every write is on its disk before it is answered, behind a proxy.
import { redisBus } from '@gesta/redis'
import { startTcpProxy } from '@gesta/services'
import type { OwnServer } from '@gesta/services'
import { runtime } from '../../../crash/src/runtime.ts'
import type { BrokerPlace } from '../broker-place.ts'

export const redisSettings = { settings: { appendonly: 'yes', appendfsync: 'always' } }

/** The server is ended with the place. */
export async function newRedisPlace(server: OwnServer, unordered = false): Promise<BrokerPlace> {
  const proxy = await startTcpProxy(server.url)
  return {
    broker: 'redis',
    opening: { kind: 'redis', url: proxy.through(server.url), unordered },
    consumersMax: 2,
    inOrder: !unordered,
    // What all groups had is removed from the stream, so that it is what the topic still has.
    late: 'from then on',
    proxy,
    server,
    notRun: [],
    deadLetters: async (topic, group) => {
      await using bus = await redisBus({ url: server.url }).open(runtime)
      return await bus.deadLetters(topic, group).total()
    },
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
