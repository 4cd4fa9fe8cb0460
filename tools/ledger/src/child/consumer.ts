// A consumer: one of the processes of a group, which share an app on PostgreSQL. Now and then its handler fails.
import { postgres } from '@gesta/postgres'
import type { FromParty, Opening } from '../protocol.ts'
import { topic } from '../topic.ts'
import type { BusDescription } from './bus.ts'
import { createEffectApp } from './effect-app.ts'
import type { Part } from './part.ts'

/** The first attempt of a process fails for one number in so many. */
const stumbleEvery = 61

export async function openConsumer(
  { store }: Opening,
  group: string,
  bus: BusDescription,
  tell: (line: FromParty) => void,
): Promise<Part> {
  let held: PromiseWithResolvers<void> | undefined
  const delivered = async (number: number, attempt: number): Promise<void> => {
    tell({ delivered: number })
    if (held !== undefined) {
      tell({ holding: number })
      await held.promise
    }
    if (number % stumbleEvery === 0 && attempt === 1) throw new Error('The handler stumbles, as it was told to.')
  }
  const app = createEffectApp(group, { delivered, effected: (number) => tell({ effected: number }) })
  const running = await app.start({
    store: postgres(store),
    sources: [
      {
        open: async (runtime) => {
          const opened = await bus.open(runtime)
          const received = await opened.subscribe(topic, group)
          tell({ ready: true })
          return {
            receiveEventBatch: (options) => received.receiveEventBatch(options),
            [Symbol.asyncDispose]: async () => {
              await received[Symbol.asyncDispose]()
              await opened[Symbol.asyncDispose]()
            },
          }
        },
      },
    ],
  })
  return {
    take: (line) => {
      if ('status' in line) return tell({ status: running.sources() })
      if (!('hold' in line)) return undefined
      held?.resolve()
      held = line.hold ? Promise.withResolvers() : undefined
      return undefined
    },
    close: async () => running[Symbol.asyncDispose](),
  }
}
