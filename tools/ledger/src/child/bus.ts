// The topic bus of a process. Loads one adapter only: processes are started all the time.
import type { BackendRuntime, TopicBus } from '@gesta/core/ports'
import type { Opening } from '../protocol.ts'

export interface BusDescription {
  open(runtime: BackendRuntime): Promise<TopicBus>
}

export async function busOf({ broker, idleMs }: Opening): Promise<BusDescription> {
  switch (broker.kind) {
    case 'redis': {
      const { redisBus } = await import('@gesta/redis')
      return redisBus({
        url: broker.url,
        ordered: true,
        sequenced: false,
        claimAfterMs: idleMs,
        timeoutMs: 2_000,
        backoff,
      })
    }
    case 'nats':
    case 'kafka':
    case 'memory':
      throw new Error('A broker in memory is in one process: nobody else can open it.')
  }
}

/** Of what a handler has failed with: short, because the handlers here fail only once. */
const backoff = { firstMs: 50, maxMs: 500 }
