// A run: messages flow from the publisher to the groups, in parts; in the middle of each something happens. At the end the stores are read.
import { startTcpProxy } from '@gesta/services'
import { diceOf } from '../../crash/src/dice.ts'
import { createBook, missingOf } from './book.ts'
import type { BrokerName, BrokerPlace } from './broker-place.ts'
import { createCast } from './cast.ts'
import { findingsIn, findingsInSource } from './check.ts'
import { early, faultsOf, late } from './faults.ts'
import type { Fault, FaultKind } from './faults.ts'
import { createFeed } from './feed.ts'
import { startParty, startPartyHere } from './party.ts'
import { effectsIn, sourceIn } from './stores.ts'
import { topic } from './topic.ts'

export interface RunOptions {
  readonly messages: number
  readonly seed: number
  /** Of a PostgreSQL database that is empty, or has what is not read here. */
  readonly storeUrl: string
  /** Milliseconds after which what did not come will not come. Default 60,000, long enough for the slowest machine. */
  readonly patienceMs?: number | undefined
  /** Told as the run goes on, in words. */
  readonly progress?: ((line: string) => void) | undefined
}
export interface Run {
  readonly broker: BrokerName
  readonly seed: number
  readonly messages: number
  readonly faults: ReadonlyMap<FaultKind, number>
  /** Deliveries to handlers of what had been delivered before, over all groups. */
  readonly repeated: number
  /** Commands that were handed in more than once. */
  readonly handedInAgain: number
  /** Messages that the group which came late has had. */
  readonly lateHad: number
  readonly elapsedMs: number
  /** What this broker was not put through, with the reason. */
  readonly notRun: readonly string[]
  /** What is wrong. Empty is what is wanted. */
  readonly findings: readonly string[]
}

const keyCount = 24
/** Milliseconds after which the work of a process that gives no sign of life is another one's. */
const idleMs = 2_000

/** Messages for one round of faults, at least. */
const roundMessages = 1_000

/** Runs every fault of the place once, and once more for every thousand messages, which are spread over all of it. */
export async function runLedger(place: BrokerPlace, options: RunOptions): Promise<Run> {
  const { messages, seed, storeUrl, patienceMs = 60_000, progress = () => undefined } = options
  const began = performance.now()
  const dice = diceOf(seed)
  const book = createBook(messages, keyCount, seed, patienceMs)
  const feed = createFeed(book)
  await using store = await startTcpProxy(storeUrl)
  const storeOf = (name: string) => ({ url: store.through(storeUrl), schema: `ledger_${name}` })
  const { here } = place
  const findings: string[] = []
  const faults = new Map<FaultKind, number>()
  await using cast = createCast(
    book,
    feed,
    (name, opening, hear) =>
      here === undefined ? startParty(name, opening, hear) : startPartyHere(name, opening, hear, here),
    (part) => ({
      part,
      broker: place.opening,
      store: storeOf(part === 'publisher' ? 'source' : part.group),
      idleMs,
    }),
  )
  /** Numbers that the late group must have. */
  let lateWanted: readonly number[] = []
  const everything = Array.from({ length: messages }, (_, at) => at + 1)
  const beginLate = async (): Promise<void> => {
    await cast.newConsumer(late, 0)
    lateWanted = everything.filter((number) => place.late === 'everything' || !book.handedIn.has(number))
  }
  const effectsOf = (group: string, wanted: readonly number[]): Promise<void> => {
    const { effected } = book.group(group)
    return book.until(
      () => wanted.every((number) => effected.has(number)),
      () =>
        `the group ${group} to have the effects of ${wanted.length} messages; missing: ${missingOf(wanted, effected)}`,
    )
  }
  const act = async (fault: Fault, first: number, last: number): Promise<void> => {
    feed.allow(last)
    const begin = first + dice(Math.max(1, Math.floor((last - first) / 2)))
    await book.until(
      () => book.acknowledged.size >= begin,
      () => `${begin} commands to be acknowledged, received ${book.acknowledged.size}`,
    )
    progress(`${fault.name}, at ${book.acknowledged.size} of ${messages}`)
    await fault.run({ book, cast, place, dice, last, beginLate })
    for (const kind of fault.kinds) faults.set(kind, (faults.get(kind) ?? 0) + 1)
    // What remains is still on its way when the next thing happens.
    await effectsOf(early, everything.slice(0, Math.floor((first + last) / 2)))
  }

  const acts = faultsOf(place, store, Math.max(1, Math.floor(messages / roundMessages)), dice)
  let now = 'the beginning'
  try {
    const consumers = Array.from({ length: place.consumersMax }, (_, at) => cast.newConsumer(early, at))
    await Promise.all([...consumers, cast.newPublisher()])
    for (const [at, fault] of acts.entries()) {
      now = fault.name
      const lastOf = (part: number): number => Math.floor((messages * part) / acts.length)
      await act(fault, lastOf(at), lastOf(at + 1))
    }
    now = 'the end'
    await book.until(
      () => book.acknowledged.size === messages,
      () => `${messages} commands to be acknowledged; missing: ${missingOf(everything, book.acknowledged)}`,
    )
    await effectsOf(early, everything)
    await effectsOf(late, lateWanted)
    await cast.leave()
  } catch (error) {
    findings.push(`${error instanceof Error ? error.message : String(error)}\n${await cast.statuses()}`)
  }
  let lateHad = 0
  try {
    const lateEffects = lateWanted.length === 0 ? [] : await effectsIn(storeOf(late))
    lateHad = lateEffects.length
    if (findings.length === 0) {
      now = 'what lies in the stores'
      const { sent, held, behind } = await sourceIn(storeOf('source'))
      const { inOrder } = place
      findings.push(
        ...findingsInSource(sent, book),
        ...findingsIn(early, await effectsIn(storeOf(early)), everything, book, { inOrder }),
        ...findingsIn(late, lateEffects, lateWanted, book, { inOrder }),
      )
      if (held + behind > 0)
        findings.push(`Expected the outbox to be sent, found ${held} held messages and ${behind} behind its cursor.`)
      for (const group of [early, late]) {
        const dead = await place.deadLetters(topic, group)
        if (dead > 0) findings.push(`The group ${group}: expected no dead letters, found ${dead}.`)
      }
    }
  } catch (error) {
    findings.push(String(error))
  }
  return {
    broker: place.broker,
    seed,
    messages,
    faults,
    repeated: book.group(early).repeated + book.group(late).repeated,
    handedInAgain: feed.repeated,
    lateHad,
    elapsedMs: performance.now() - began,
    notRun: place.notRun,
    findings: findings.map((text) => `${place.broker}, seed ${seed}, ${now}: ${text}`),
  }
}
