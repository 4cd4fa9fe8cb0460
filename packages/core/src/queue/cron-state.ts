// What is kept of a cron: a stream of its own, so that every firing is one commit, and no process has to remember anything.
import type { AggregateParts } from '../aggregates/aggregate.ts'
import { partsOf } from '../contracts/contract.ts'
import type { DomainEventContract } from '../contracts/contract.ts'
import { event } from '../contracts/define.ts'
import { flag, optional, record, text, time } from '../schema/plain-schema.ts'
import type { RecordedEvent } from '../contracts/recorded-event.ts'

export interface CronState {
  /** Firings up to this time are over; RFC 3339. Absent: nobody has begun the cron yet. */
  readonly after: string | undefined
  /** The schedule that it was begun with. */
  readonly schedule: string | undefined
  readonly timeZone: string | undefined
  /** The last firing of the schedule. */
  readonly lastTick: string | undefined
  readonly pausedAt: string | undefined
  readonly pausedBy: string | undefined
}
export interface CronBegunData {
  readonly schedule: string
  readonly timeZone: string
  readonly after: string
}
export interface CronTickedData {
  readonly at: string
  readonly isLate: boolean
  /** The type of the job. */
  readonly job: string
}
export interface CronAskedData {
  readonly by?: string | undefined
}

/** A schedule counts from now on: the cron is new, or has another one. Reference: docs/reference/cron.md. */
export const CronBegun: DomainEventContract<'Gesta.CronBegun', CronBegunData> = event(
  'Gesta.CronBegun',
  record<CronBegunData>({ schedule: text(1), timeZone: text(1), after: time }),
)
/** It has fired: the job is in the same commit. Reference: docs/reference/cron.md. */
export const CronTicked: DomainEventContract<'Gesta.CronTicked', CronTickedData> = event(
  'Gesta.CronTicked',
  record<CronTickedData>({ at: time, isLate: flag, job: text(1) }),
)
/** Somebody has asked for a run outside of the schedule. Reference: docs/reference/cron.md. */
export const CronRun: DomainEventContract<'Gesta.CronRun', CronTickedData & CronAskedData> = event(
  'Gesta.CronRun',
  record<CronTickedData & CronAskedData>({ at: time, isLate: flag, job: text(1), by: optional(text()) }),
)
/** It fires no more until it is resumed. Reference: docs/reference/cron.md. */
export const CronPaused: DomainEventContract<'Gesta.CronPaused', CronAskedData> = event(
  'Gesta.CronPaused',
  record<CronAskedData>({ by: optional(text()) }),
)
/** It fires again, from now on. Reference: docs/reference/cron.md. */
export const CronResumed: DomainEventContract<'Gesta.CronResumed', CronAskedData & { readonly after: string }> = event(
  'Gesta.CronResumed',
  record<CronAskedData & { readonly after: string }>({ by: optional(text()), after: time }),
)

/** The aggregate type of the streams of crons; the name is the aggregate's id. */
const cronStream = 'Gesta.Cron'

type Evolve<Data> = (state: CronState, data: Data, event: RecordedEvent) => CronState
const initial: CronState = {
  after: undefined,
  schedule: undefined,
  timeZone: undefined,
  lastTick: undefined,
  pausedAt: undefined,
  pausedBy: undefined,
}

function fold<Data>(
  contract: DomainEventContract<string, Data>,
  evolve: Evolve<Data>,
): readonly [string, { readonly contract: ReturnType<typeof partsOf>; readonly evolve: never }] {
  return [contract.type, { contract: partsOf(contract), evolve: evolve as never }]
}

/** The fold of a cron's stream; firings of years are read from a snapshot. */
export const cronAggregate: AggregateParts = {
  name: cronStream,
  initial: () => initial,
  folds: new Map([
    fold(CronBegun, (state, { schedule, timeZone, after }) => ({ ...state, schedule, timeZone, after })),
    fold(CronTicked, (state, { at }) => ({ ...state, after: at, lastTick: at })),
    fold(CronRun, (state) => state),
    fold(CronPaused, (state, { by }, { recordedAt }) => ({ ...state, pausedAt: recordedAt, pausedBy: by })),
    fold(CronResumed, (state, { after }) => ({ ...state, after, pausedAt: undefined, pausedBy: undefined })),
  ]),
  stateVersion: 1,
  snapshotEvery: 100,
}
