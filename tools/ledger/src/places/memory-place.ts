// The topic bus in memory: everybody is in this process, so nobody can be killed or cut off; they are replaced.
import { createMemoryTopicBus } from '@gesta/core/registry'
import type { BrokerPlace } from '../broker-place.ts'

export async function newMemoryPlace(): Promise<BrokerPlace> {
  const bus = createMemoryTopicBus()
  return {
    broker: 'memory',
    opening: { kind: 'memory' },
    // The bus outlives whoever uses it.
    here: { open: async () => ({ ...bus, [Symbol.asyncDispose]: async () => undefined }) },
    consumersMax: 2,
    inOrder: true,
    late: 'from then on',
    notRun: ['kills, stops, cut connections, restarts: everybody is in one process, and is replaced by disposing'],
    // It gives nothing up.
    deadLetters: async () => 0,
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  }
}
