// Messages on their way by themselves: the producer repeats what was not answered, and the broker drops what it has already.
import type { BackendRuntime } from '@gesta/core/ports'
import { newProducer, produced } from './clients.ts'
import { keepClient } from './kept-client.ts'
import type { Settings } from './options.ts'
import type { Route } from './route.ts'

export function createPlainRoute(settings: Settings, { clock }: Pick<BackendRuntime, 'clock'>): Route {
  const client = keepClient(() => newProducer(settings), settings.timeoutMs, clock)
  return {
    carry: (portions) =>
      client.call(async (producer) => {
        for (const portion of portions) await producer.send({ messages: portion.map(produced) })
      }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  }
}
