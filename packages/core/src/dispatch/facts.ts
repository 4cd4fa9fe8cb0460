// Facts of one command: the same when its decision is taken again, so that a retry differs only in the state it sees.
import type { Facts } from '../aggregates/aggregate.ts'
import { timeText } from '../time/clock.ts'
import type { Engine, Execution } from './engine.ts'

/**
 * Facts for one attempt at this version of the aggregate. `made` keeps the ids, so that the next attempt gets the
 * same ones; the first `taken` of them are somebody else's.
 */
export function factsOf(
  engine: Engine,
  { arrivedAt, context }: Execution,
  version: number,
  made: string[],
  taken = 0,
): Facts {
  let next = taken
  return {
    now: timeText(arrivedAt),
    context,
    version,
    newId: () => {
      const id = (made[next] ??= engine.ids.newId())
      next++
      return id
    },
  }
}
