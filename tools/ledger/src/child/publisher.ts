// The publisher: an app on PostgreSQL whose outbox goes to the topic. It tells of each command what came of it.
import { findGestaError } from '@gesta/core/ports'
import { postgres } from '@gesta/postgres'
import type { FromParty, Opening } from '../protocol.ts'
import { commandIdOf, topic } from '../topic.ts'
import type { BusDescription } from './bus.ts'
import type { Part } from './part.ts'
import { send, sourceApp } from './source-app.ts'

export async function openPublisher(
  { store, idleMs }: Opening,
  bus: BusDescription,
  tell: (line: FromParty) => void,
): Promise<Part> {
  const app = await sourceApp.start({
    store: postgres(store),
    broker: {
      open: async (runtime) => {
        const opened = await bus.open(runtime)
        return {
          ...opened.publisher(topic, { source: sourceApp.name }),
          [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
        }
      },
    },
    outbox: { leaseMs: idleMs, brokerBackoff: { firstMs: 50, maxMs: 500 }, backoff: { firstMs: 100, maxMs: 1000 } },
  })
  tell({ ready: true })
  return {
    take: (line) => {
      if ('status' in line) return void statusOf(app).then((status) => tell({ status }))
      if (!('send' in line)) return undefined
      const { number } = line.send
      return void app.dispatch(send(line.send), { commandId: commandIdOf(number) }).then(
        () => tell({ sent: number }),
        (error: unknown) => tell({ failed: number, code: findGestaError(error)?.code, message: String(error) }),
      )
    },
    close: async () => app[Symbol.asyncDispose](),
  }
}

async function statusOf({ outbox }: Awaited<ReturnType<typeof sourceApp.start>>): Promise<unknown> {
  const { items } = await outbox.list({}, { limit: 3 })
  const held = items.map(({ commandId, state, attempts, lastError }) => ({ commandId, state, attempts, lastError }))
  return { relay: outbox.relay, held }
}
