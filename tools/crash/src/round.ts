// One round: a process writes, and is ended in one of many ways.
import { setTimeout as delay } from 'node:timers/promises'
import type { CrashPoint, CrashStep } from '@gesta/core/testing'
import { createCommitMaker } from './commits.ts'
import type { Check } from './check.ts'
import type { Dice } from './dice.ts'
import type { Ledger } from './ledger.ts'
import type { Harm, Place } from './place.ts'
import type { Writer } from './writer.ts'

/** How a round ends: with a kill at any moment, at a step of a commit, or with a kill behind something that the process lived through. */
export type Ending =
  | { readonly kind: 'kill' }
  | { readonly kind: 'step'; readonly step: CrashStep }
  | { readonly kind: 'harm'; readonly harm: Harm }

export interface RoundParts {
  readonly number: number
  readonly ending: Ending
  /** Where the round's choices come from: the ones of one kind do not depend on how many of another kind were made. */
  readonly dice: { readonly ending: Dice; readonly commits: Dice; readonly lanes: Dice }
  readonly place: Place
  readonly ledger: Ledger
  readonly check: Check
  readonly writer: Writer
}

/** Long enough for the slowest machine; what takes longer never comes. */
const patienceMs = 60_000
const lanesMax = 128
const widths = [1, 8, 32, lanesMax]
/** Answers after which a step must have been reached. */
const answersMax = 5000

/** Runs a round to the end of its process. Throws when the process does what it must not. */
export async function runRound(parts: RoundParts): Promise<void> {
  const { ending, place, writer } = parts
  const dice = parts.dice.ending
  const crash = ending.kind === 'step' ? pointOf(ending.step, dice) : undefined
  const opened = writer.open(place.opening(crash))
  // Now and then a process is ended while it opens the store.
  if (ending.kind === 'kill' && dice(12) === 0) {
    await Promise.race([opened, delay(dice(400))])
    return end(writer)
  }
  if ((await within(opened, 'The process did not open the store.')) === 'ended')
    throw new Error(`The process ended before the store was open. It said: ${writer.complaints()}`)
  const feeding = feed(parts)
  const answered = (count: number): Promise<void> =>
    within(feeding.answered(count), 'The process does not answer any more.')
  try {
    if (ending.kind === 'kill') {
      await answered(1 + dice(dice(3) === 0 ? 3000 : 400))
      await delay(dice(4))
    } else if (ending.kind === 'step') {
      const missed = `The process did not come to "${ending.step}".`
      if (ending.step === 'checkpointing') {
        // A checkpoint is taken when nobody writes.
        await answered(50 + dice(300))
        feeding.stop()
        await within(writer.ended, missed)
      } else await within(Promise.race([writer.ended, feeding.answered(answersMax)]), missed)
    } else {
      await answered(1 + dice(100))
      await within(ending.harm.run(dice), `"${ending.harm.name}" did not end.`)
      await answered(feeding.count() + 50)
      feeding.stop()
      await within(feeding.over, `After "${ending.harm.name}" some commits were not answered.`)
    }
    await endedAsItShould(writer, ending)
  } finally {
    feeding.stop()
    await end(writer)
    await feeding.over
  }
}

function pointOf(step: CrashStep, dice: Dice): CrashPoint {
  // A checkpoint takes from less than a millisecond to some of them.
  if (step === 'checkpointing') return { step, after: 1, delayMs: dice(dice(2) === 0 ? 20 : 100) / 20 }
  // Rows come more often than groups.
  const most = step === 'checked' || step === 'inserted' ? 400 : 40
  return { step, after: 1 + dice(most) }
}

/** At a step a process ends by itself; otherwise it runs until it is killed. */
async function endedAsItShould(writer: Writer, ending: Ending): Promise<void> {
  const wanted = ending.kind === 'step' ? 'SIGKILL' : 'none'
  const signal = await Promise.race([writer.ended, Promise.resolve('none')])
  if (signal === wanted) return
  const what = ending.kind === 'step' ? `did not end at "${ending.step}"` : 'ended before it was killed'
  throw new Error(`The process ${what}. It said: ${writer.complaints()}`)
}

async function end(writer: Writer): Promise<void> {
  writer.kill()
  await writer.ended
}

interface Feeding {
  /** Resolves when so many commits were answered in this round, or nothing is handed in any more. */
  answered(count: number): Promise<void>
  count(): number
  /** Hands nothing in any more. */
  stop(): void
  /** Resolves when everything that was handed in was answered, or the process has ended. Rejects with what cannot be true. */
  readonly over: Promise<void>
}

/** Keeps commits in flight: first those that are unsettled, then new ones, and sometimes one that was stored long ago. */
function feed({ number, dice, ledger, check, writer }: RoundParts): Feeding {
  const fresh = createCommitMaker(dice.commits, `r${number}`, check.versionOf)
  const unsettled = [...ledger.unsettled()]
  const width = widths[dice.ending(widths.length)] ?? 1
  const waiting: { readonly count: number; resolve(): void }[] = []
  let count = 0
  let isStopped = false

  const wake = (): void => {
    for (const one of waiting) if (isStopped || count >= one.count) one.resolve()
  }
  const lane = async (): Promise<void> => {
    while (!isStopped) {
      const commit = unsettled.pop() ?? (dice.lanes(50) === 0 ? ledger.old(dice.lanes(100)) : undefined) ?? fresh.next()
      ledger.handIn(commit)
      const said = await writer.handIn(commit, dice.lanes(4) === 0 ? 'bulk' : 'normal')
      if (said === 'ended') return
      ledger.told(commit, said)
      count += 1
      wake()
    }
  }
  const over = Promise.all(Array.from({ length: width }, lane))
    .then(() => undefined)
    .finally(() => {
      isStopped = true
      wake()
    })
  // Whoever waits for it hears of it.
  over.catch(() => undefined)
  return {
    answered: (wanted) =>
      new Promise((resolve) => {
        waiting.push({ count: wanted, resolve })
        wake()
      }),
    count: () => count,
    stop: () => {
      isStopped = true
      wake()
    },
    over,
  }
}

async function within<Result>(work: Promise<Result>, otherwise: string): Promise<Result> {
  const over = new AbortController()
  try {
    return await Promise.race([
      work,
      delay(patienceMs, undefined, { signal: over.signal }).then(() => Promise.reject(new Error(otherwise))),
    ])
  } finally {
    over.abort()
  }
}
