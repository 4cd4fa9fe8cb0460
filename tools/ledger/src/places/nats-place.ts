// NATS with JetStream: a server of the harness's own with a store folder of its own, behind a proxy.
import { natsBus } from '@gesta/nats'
import { startTcpProxy } from '@gesta/services'
import type { OwnServer } from '@gesta/services'
import { runtime } from '../../../crash/src/runtime.ts'
import type { BrokerPlace } from '../broker-place.ts'

/** JetStream answers before it has written to the disk: what a crash of the process can lose is nothing, as long as the machine lives. */
export async function newNatsPlace(server: OwnServer, unordered = false): Promise<BrokerPlace> {
  const proxy = await startTcpProxy(server.url)
  return {
    broker: 'nats',
    opening: { kind: 'nats', servers: proxy.through(server.url), unordered },
    consumersMax: 2,
    late: 'everything',
    inOrder: !unordered,
    proxy,
    server,
    notRun: [],
    deadLetters: async (topic, group) => {
      await using bus = await natsBus({ servers: server.url }).open(runtime)
      return await bus.deadLetters(topic, group).total()
    },
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
