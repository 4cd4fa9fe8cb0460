// The conformance suite of an event store under contention: many writers, many processes, and transactions of others in the way.
import { checkOptions } from '../../schema/options.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import { runSuite } from '../suite.ts'
import type { Capabilities, Suite, TestFunction } from '../suite.ts'
import { conflictCases } from './conflicts.ts'
import { fairnessCases } from './fairness.ts'
import type { ContentionCapability, ContentionPlace, GivenContention } from './given.ts'
import { groupCases } from './groups.ts'
import { orderCases } from './order.ts'
import { playPart } from './parts.ts'
import { repetitionCases } from './repetitions.ts'
import { tenantCases } from './tenants.ts'
import { transactionCases } from './transactions.ts'

export type { BackendPlace, Capabilities, Case, Suite, TestFunction } from '../suite.ts'
export type { Deed, Said } from './deed.ts'
export { playFollow } from './follow.ts'
export type { FollowPart, Followed, LogSource } from './follow.ts'
export type {
  ContentionCapability,
  ContentionCase,
  ContentionPlace,
  GivenContention,
  HeldEnd,
  HeldOrder,
  OpenTransaction,
} from './given.ts'
export type { ImportPart } from './import.ts'
export { playPart } from './parts.ts'
export type { Part, PartReport } from './parts.ts'
export type { RacePart, SkewPart } from './race.ts'
export type { RepeatPart } from './repeat.ts'
export { createReplay } from './replay.ts'
export type { CommitPlace, Replay } from './replay.ts'
export type { WritePart } from './write.ts'

/** Every behaviour under contention, for runners of one's own. */
export const contentionSuite: Suite<GivenContention, ContentionCapability> = {
  name: 'event store under contention',
  capabilities: [
    'durable',
    'manyWriters',
    'otherReaders',
    'heldOrder',
    'openWriter',
    'openWriterElsewhere',
    'oldReader',
    'groups',
  ],
  cases: [
    ...orderCases,
    ...transactionCases,
    ...groupCases,
    ...conflictCases,
    ...tenantCases,
    ...repetitionCases,
    ...fairnessCases,
  ],
}

export interface ContentionOptions {
  /** Multiplies what the cases do, a whole number from 1; default 1, with which the suite takes seconds. */
  readonly effort?: number | undefined
  /** Where random choices come from, a whole number from 1; default 1. */
  readonly seed?: number | undefined
}

/** Runs the suite with node:test or alike. `newPlace` makes an empty place for each case. */
export function runContentionSuite(
  test: TestFunction,
  newPlace: () => Promise<ContentionPlace>,
  capabilities: Capabilities<ContentionCapability>,
  options: ContentionOptions = {},
): void {
  checkOptions(options, ['effort', 'seed'], 'runContentionSuite()')
  const { effort = 1, seed = 1 } = options
  for (const number of [effort, seed])
    if (!Number.isSafeInteger(number) || number < 1)
      throw new Error(`Expected effort and seed to be whole numbers from 1, received ${number}.`)
  runSuite(test, contentionSuite, capabilities, async (run) => {
    const place = await newPlace()
    let backend = await place.open()
    const reopen = async (): Promise<EventStore> => {
      await backend[Symbol.asyncDispose]()
      backend = await place.open()
      return backend.events
    }
    const { clock } = place
    try {
      await run({
        store: backend.events,
        clock,
        effort,
        seed,
        reopen,
        playHere: (part) => playPart(part, backend.events, clock),
        playElsewhere: (part) => needed(place.play, 'play')(part),
        holdOrder: (commit) => needed(place.holdOrder, 'holdOrder')(commit),
        begin: (transaction) => needed(place.begin, 'begin')(transaction),
      })
    } finally {
      await backend[Symbol.asyncDispose]()
      await place.remove()
    }
  })
}

function needed<Way>(way: Way | undefined, name: string): Way {
  if (way === undefined) throw new Error(`Expected the place to have ${name}(), which a declared capability needs.`)
  return way
}
