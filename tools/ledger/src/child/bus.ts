// The topic bus of a process. Loads one adapter only: processes are started all the time.
import type { BackendRuntime, TopicBus } from '@gesta/core/ports'
import type { Opening } from '../protocol.ts'

export interface BusDescription {
  open(runtime: BackendRuntime): Promise<TopicBus>
}

/** Of what a handler has failed with: short, because the handlers here fail only once. */
const backoff = { firstMs: 50, maxMs: 500 }
const timeoutMs = 2_000

export async function busOf({ broker, idleMs }: Opening): Promise<BusDescription> {
  switch (broker.kind) {
    case 'nats': {
      const { natsBus } = await import('@gesta/nats')
      const { servers, unordered } = broker
      return natsBus({ servers, unordered, start: 'oldest', ackWaitMs: idleMs, timeoutMs, backoff })
    }
    case 'redis': {
      const { redisBus } = await import('@gesta/redis')
      return redisBus({
        url: broker.url,
        claimAfterMs: idleMs,
        timeoutMs,
        backoff,
      })
    }
    case 'kafka': {
      const { kafkaBus } = await import('@gesta/kafka')
      const { brokers, prefix, sessionMs } = broker
      return kafkaBus({ brokers, prefix, sessionMs, heartbeatMs: 500, timeoutMs: 5_000, redelivery: backoff })
    }
    case 'memory':
      throw new Error('A broker in memory is in one process: nobody else can open it.')
  }
}
