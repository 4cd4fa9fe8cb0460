// The part of a writer: lanes that commit one after the other, to streams that all of them write; some commits conflict, some are
// called back, and now and then a lane pauses.
import type { Commit } from '../../stores/commit.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import type { Clock } from '../../time/clock.ts'
import { commit, oneTo, read, stream, tenant } from '../event-store/given.ts'
import { attempt, known } from './deed.ts'
import type { Deed } from './deed.ts'
import { diceOf } from './dice.ts'
import type { Dice } from './dice.ts'

export interface WritePart {
  readonly part: 'write'
  /** Makes the command ids. */
  readonly name: string
  readonly lanes: number
  /** Of each lane. */
  readonly commits: number
  readonly seed: number
}

const streams = 12

export async function playWrite(
  { name, lanes, commits, seed }: WritePart,
  store: EventStore,
  clock: Clock,
): Promise<readonly Deed[]> {
  const lane = async (number: number): Promise<readonly Deed[]> => {
    const dice = diceOf(seed * 97 + number)
    const deeds: Deed[] = []
    let after = 0
    for (const turn of oneTo(commits)) {
      const given = await commitOf(store, dice, `${name}-${number}-${turn}`)
      const withdrawing = dice(10) === 0 ? new AbortController() : undefined
      const deed = attempt(store, given, after, {
        signal: withdrawing?.signal,
        lane: dice(3) === 0 ? 'bulk' : 'normal',
      })
      withdrawing?.abort(new Error('The caller left.'))
      deeds.push(await deed)
      after = known(await deed)
      if (dice(8) === 0) await new Promise<void>((resolve) => clock.after(dice(5), resolve))
    }
    return deeds
  }
  return (await Promise.all(oneTo(lanes).map(lane))).flat()
}

async function commitOf(store: EventStore, dice: Dice, commandId: string): Promise<Commit> {
  const [first, second, third] = threeOf(dice)
  const events = (text: string): readonly string[] =>
    oneTo(1 + dice(3)).map((i) => JSON.stringify({ commandId, text, i }))
  const kind = dice(8)
  // A stream that has events already refuses to be new: most of these are rolled back.
  if (kind === 0) return commit({ commandId, streams: [stream(first, 'noStream', events('new'))] })
  if (kind === 1) return commit({ commandId, outcome: 'rejected', answer: '{"code":"no"}' })
  if (kind === 2 || kind === 3) {
    const [written = 0, seen = 0] = await store.versions([at(first), at(second)])
    return commit({ commandId, streams: [stream(first, written, events('exact'))], reads: [read(second, seen)] })
  }
  if (kind === 4) {
    const several = [
      stream(first, 'any', events('one')),
      stream(second, 'any', events('two')),
      stream(third, 'any', events('three')),
    ]
    return commit({ commandId, streams: several.slice(0, 2 + dice(2)) })
  }
  return commit({ commandId, streams: [stream(first, 'any', events('any'))] })
}

/** Three different streams. */
function threeOf(dice: Dice): readonly [string, string, string] {
  const first = dice(streams)
  const [second, third] = [first + 1 + dice(5), first + 6 + dice(5)]
  return [`s${first}`, `s${second % streams}`, `s${third % streams}`]
}

function at(aggregateId: string) {
  return { tenant, aggregateType: 'Order', aggregateId }
}
