// The parts of racers: many decide on the same versions at the same time, and one of them wins.
import type { EventStore } from '../../stores/event/event-store.ts'
import { commit, oneTo, read, stream, tenant } from '../event-store/given.ts'
import { attempt, known } from './deed.ts'
import type { Deed } from './deed.ts'

/** Every racer commits on the version that it sees, until the stream `hot` is at `versions`. */
export interface RacePart {
  readonly part: 'race'
  readonly name: string
  readonly racers: number
  readonly versions: number
}
/**
 * Of each pair of streams `left-<n>` and `right-<n>`, every racer tries to begin one, on the condition that the other one does not
 * exist. With `begun` both exist already, at version 1, and it tries to go on with one while the other one has not moved.
 */
export interface SkewPart {
  readonly part: 'skew'
  readonly name: string
  readonly racers: number
  readonly pairs: number
  readonly begun: boolean
}

const hot = { tenant, aggregateType: 'Order', aggregateId: 'hot' }

export async function playRace({ name, racers, versions }: RacePart, store: EventStore): Promise<readonly Deed[]> {
  const racer = async (number: number): Promise<readonly Deed[]> => {
    const deeds: Deed[] = []
    let after = 0
    for (;;) {
      const [version = 0] = await store.versions([hot])
      if (version >= versions) return deeds
      const commandId = `${name}-${number}-${deeds.length + 1}`
      const given = commit({ commandId, streams: [stream('hot', version, [JSON.stringify(commandId)])] })
      const deed = await attempt(store, given, after)
      deeds.push(deed)
      after = known(deed)
    }
  }
  return (await Promise.all(oneTo(racers).map(racer))).flat()
}

export async function playSkew({ name, racers, pairs, begun }: SkewPart, store: EventStore): Promise<readonly Deed[]> {
  const version = begun ? 1 : 0
  const racer = async (number: number): Promise<readonly Deed[]> => {
    const deeds: Deed[] = []
    for (const pair of oneTo(pairs)) {
      const sides = [`left-${pair}`, `right-${pair}`]
      const [own = '', other = ''] = number % 2 === 0 ? sides : sides.toReversed()
      const commandId = `${name}-${number}-${pair}`
      const given = commit({ commandId, streams: [stream(own, version, ['1'])], reads: [read(other, version)] })
      deeds.push(await attempt(store, given, 0))
    }
    return deeds
  }
  return (await Promise.all(oneTo(racers).map(racer))).flat()
}
