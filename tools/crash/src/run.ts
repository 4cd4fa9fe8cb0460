// A run: rounds, one after the other, each followed by a look at what is left.
import { createCheck } from './check.ts'
import type { Left } from './check.ts'
import { diceOf } from './dice.ts'
import { createLedger } from './ledger.ts'
import type { Place } from './place.ts'
import { runRound } from './round.ts'
import type { Ending, RoundParts } from './round.ts'
import { startWriter } from './writer.ts'

export interface Run {
  readonly store: string
  readonly seed: number
  readonly rounds: number
  /** Processes that were ended. */
  readonly kills: number
  /** What processes had to live through, by name. */
  readonly harms: ReadonlyMap<string, number>
  readonly acknowledged: number
  /** How processes were ended, by name. */
  readonly endings: ReadonlyMap<string, number>
  /** What became of commits of which nobody was told anything when their process was ended. */
  readonly left: Left
  /** What is wrong, each with what is needed to look for it. Empty is what is wanted. */
  readonly findings: readonly string[]
}
export interface RunOptions {
  readonly seed: number
  /** Asked before each round. */
  readonly goesOn: (run: Run) => boolean
  /** Told after each round. */
  readonly progress?: ((run: Run) => void) | undefined
}

/** Runs rounds on a place until it shall not go on, or something is found. */
export async function runRounds(place: Place, { seed, goesOn, progress }: RunOptions): Promise<Run> {
  const turn = diceOf(seed)
  const turns = endingsOf(place)
  const ledger = createLedger()
  const check = createCheck(ledger)
  const harms = new Map<string, number>()
  const endings = new Map<string, number>()
  const findings: string[] = []
  let rounds = 0
  let kills = 0
  const run = (): Run => ({
    store: place.store,
    seed,
    rounds,
    kills,
    harms,
    acknowledged: ledger.acknowledged,
    endings,
    left: check.left,
    findings,
  })
  const finding = (what: string, error: unknown): void =>
    void findings.push(
      `seed ${seed}, round ${rounds}, ${what}: ${error instanceof Error ? error.stack : String(error)}`,
    )

  // Started ahead, so that a process is there when it is needed.
  let next = startWriter()
  try {
    while (findings.length === 0 && goesOn(run())) {
      const ending = turns[rounds < turns.length ? rounds : turn(turns.length)] as Ending
      rounds += 1
      const writer = next
      next = startWriter()
      try {
        await runRound({ number: rounds, ending, dice: diceOfRound(seed, rounds), place, ledger, check, writer })
        kills += 1
        countUp(endings, nameOf(ending))
        if (ending.kind === 'harm') countUp(harms, ending.harm.name)
        await place.quiet()
        await using backend = await place.open()
        await check.look(backend)
      } catch (error) {
        finding(nameOf(ending), error)
      }
      progress?.(run())
    }
    if (findings.length === 0) {
      await using backend = await place.open()
      await check.lookAtAll(backend).catch((error: unknown) => finding('everything read again', error))
    }
  } finally {
    await next[Symbol.asyncDispose]()
  }
  return run()
}

function diceOfRound(seed: number, round: number): RoundParts['dice'] {
  const first = seed + round * 7919
  return { ending: diceOf(first), commits: diceOf(first + 1), lanes: diceOf(first + 2) }
}

function countUp(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function nameOf(ending: Ending): string {
  if (ending.kind === 'step') return `ended at "${ending.step}"`
  return ending.kind === 'harm' ? `killed after "${ending.harm.name}"` : 'killed'
}

/** Every way to end, in turn; the kill at any moment as often as all others together. */
/** So many rounds give each way to end its turn, and begin and end with a kill. */
export function roundsOfAll({ steps, harms }: Place): number {
  return steps.length + harms.length + 2
}

function endingsOf({ steps, harms }: Place): readonly Ending[] {
  const killed: Ending = { kind: 'kill' }
  const named: readonly Ending[] = [
    ...steps.map((step): Ending => ({ kind: 'step', step })),
    ...harms.map((harm): Ending => ({ kind: 'harm', harm })),
  ]
  return [killed, ...named, killed, ...named.slice(2).map(() => killed)]
}
