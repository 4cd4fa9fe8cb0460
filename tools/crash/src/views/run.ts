// A run with views: rounds, one after the other, each followed by a look at what is left of every view.
import assert from 'node:assert/strict'
import { diceOf } from '../dice.ts'
import type { Dice } from '../dice.ts'
import { createViewsCheck } from './check.ts'
import { overtake } from './overtake.ts'
import type { ViewsPlace } from './places.ts'
import { startProcess } from './process.ts'
import type { ViewsProcess } from './process.ts'
import { engineSteps } from './protocol.ts'
import { nameOf, runRound } from './round.ts'
import type { Ending } from './round.ts'

export interface ViewsRun {
  readonly store: string
  readonly seed: number
  readonly rounds: number
  /** Processes that were ended. */
  readonly kills: number
  readonly endings: ReadonlyMap<string, number>
  /** What read models were told, by name. */
  readonly orders: ReadonlyMap<string, number>
  readonly written: number
  /** Views that were compared with the log, and parked or discarded events that they had. */
  readonly views: number
  readonly parked: number
  readonly findings: readonly string[]
}
export interface ViewsRunOptions {
  readonly seed: number
  /** Asked before each round. */
  readonly goesOn: (run: ViewsRun) => boolean
  readonly progress?: ((run: ViewsRun) => void) | undefined
  /** Default: all that the place has. */
  readonly ways?: readonly Ending[] | undefined
  /** Whether some stopped owners stay so until their leases have ended by themselves. Default `false`. */
  readonly waitsForLeases?: boolean | undefined
}

/** Rounds on one store; then everything is brought to rest, and another, empty one follows. */
const roundsOfStore = 40

/** Every way to end, in turn. */
export function endingsOf({ store, steps, harms }: ViewsPlace): readonly Ending[] {
  const isShared = store === 'postgres'
  const engine = engineSteps.filter((step) => isShared || (step !== 'claim' && step !== 'claimed'))
  return [
    { kind: 'kill' },
    ...steps.map((step): Ending => ({ kind: 'step', step })),
    ...engine.map((step): Ending => ({ kind: 'engine', step })),
    ...(isShared ? (['before a flush', 'at any moment'] as const) : []).map((when): Ending => ({
      kind: 'overtake',
      when,
    })),
    ...harms.map((harm): Ending => ({ kind: 'harm', harm })),
    { kind: 'settle' },
  ]
}

/** Runs rounds on a place until it shall not go on, or something is found. */
export async function runViewRounds(place: ViewsPlace, options: ViewsRunOptions): Promise<ViewsRun> {
  const { seed, goesOn, progress, ways = endingsOf(place), waitsForLeases = false } = options
  const turn = diceOf(seed)
  const endings = new Map<string, number>()
  const orders = new Map<string, number>()
  const findings: string[] = []
  const sums = { rounds: 0, kills: 0, written: 0 }
  const looked = { views: 0, parked: 0 }
  let check = createViewsCheck(place.store, looked)
  const run = (): ViewsRun => ({ store: place.store, seed, ...sums, ...looked, endings, orders, findings })

  // Started ahead, so that a process is there when it is needed.
  let next = startProcess()
  const taken = (): ViewsProcess => {
    const process = next
    next = startProcess()
    return process
  }
  const look = async (isAtRest: boolean): Promise<void> => {
    await place.quiet()
    await using backend = await place.open()
    // Nobody is left to whom they are of use; the next owner need not wait.
    await backend.leases.reset()
    // Views in memory are gone.
    if (place.store === 'memory') return
    const before = [...check.left]
    await check.look(backend.readModels, backend.events)
    const still = before.filter((view) => check.left.has(view))
    if (isAtRest) assert.deepEqual(still, [], 'Views that are in no plan stay, although their owner has been running.')
  }
  const round = async (ending: Ending): Promise<void> => {
    sums.rounds += 1
    const dice = diceOf(seed + sums.rounds * 7919)
    const process = taken()
    const others: ViewsProcess[] = []
    try {
      const parts = { seed: seed + sums.rounds, dice, place, process }
      if (ending.kind === 'overtake') {
        const other = taken()
        others.push(other)
        const isWaitedFor = waitsForLeases && dice(4) === 0
        await overtake({ ...parts, when: ending.when, other, isWaitedFor })
      } else await runRound({ ...parts, ending })
      sums.kills += 1 + others.length
      countUp(endings, nameOf(ending))
      await look(ending.kind === 'settle')
    } catch (error) {
      findings.push(
        `seed ${seed}, round ${sums.rounds}, ${nameOf(ending)}: ${error instanceof Error ? error.stack : String(error)}`,
      )
    } finally {
      for (const one of [process, ...others]) {
        await one[Symbol.asyncDispose]()
        sums.written += one.written
        looked.views += one.views
        for (const order of one.told) countUp(orders, order)
      }
    }
    progress?.(run())
  }
  try {
    while (findings.length === 0 && goesOn(run())) {
      if (sums.rounds > 0 && sums.rounds % roundsOfStore === 0) {
        await round({ kind: 'settle' })
        check = createViewsCheck(place.store, looked)
        await place.renew()
        if (findings.length > 0) break
      }
      await round(wayOf(ways, sums.rounds, turn))
    }
    if (findings.length === 0) await round({ kind: 'settle' })
  } finally {
    await next[Symbol.asyncDispose]()
  }
  return run()
}

/** Each in its turn, then any; some more often than others, as only at rest something can be seen of views in memory. */
function wayOf(ways: readonly Ending[], rounds: number, turn: Dice): Ending {
  const killed: Ending = { kind: 'kill' }
  if (rounds < ways.length) return ways[rounds] ?? killed
  if (turn(4) === 0) return killed
  const isShared = ways.some(({ kind }) => kind === 'overtake')
  const telling = ways.filter(({ kind }) => kind === (isShared ? 'overtake' : 'settle'))
  const others = turn(5) === 0 && telling.length > 0 ? telling : ways
  return others[turn(others.length)] ?? killed
}

function countUp(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
