// What the cases of this suite are written with: a job store, the event store whose commits fill it, and a worker in few words.
import assert from 'node:assert/strict'
import type { NewJob } from '../../stores/commit.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import { encodeTerms } from '../../stores/job/job-terms.ts'
import type { ClaimedJob, JobPlace, JobRow, JobTerms } from '../../stores/job/job.ts'
import type { JobState } from '../../stores/job/job-state.ts'
import type { JobEnd, JobEnding, JobExchange, JobExchanged, JobStore, QueueWish } from '../../stores/job/job-store.ts'
import { commit, stored } from '../event-store/given.ts'
import type { CommitFields } from '../event-store/given.ts'
import type { BackendPlace, Case } from '../suite.ts'

/**
 * `durable`: what was acknowledged is found again when the store is opened again. `rewriting`: the log can be emptied.
 * `shared`: the same place can be opened several times at once, by one process or by many.
 */
export type JobStoreCapability = 'durable' | 'rewriting' | 'shared'
export interface JobStores {
  readonly jobs: JobStore
  /** The event store of the same backend: its commits bring the jobs. */
  readonly events: EventStore
}
/** A place whose time can be made to pass. */
export interface JobStorePlace extends BackendPlace {
  /** Lets this many milliseconds pass by the clock of the store: a fake clock is moved, a database's is waited for. */
  pass(ms: number): Promise<void>
}
export interface GivenJobStore extends JobStores {
  /** Closes the backend and opens it again. */
  reopen(): Promise<JobStores>
  /** Opens the same place once more, as another process would; for stores that allow it. */
  another(): Promise<JobStores>
  pass(ms: number): Promise<void>
}
/** A clock that can be moved, for stores that live by one. */
export interface JobStoreTime {
  nowUs(): number
  pass(ms: number): Promise<void>
}
export type JobStoreCase = Case<GivenJobStore, JobStoreCapability>

/** Milliseconds of a lease that a case wants to hold, however slow the machine is. */
export const longMs = 3_600_000
/** Milliseconds of what a case wants to be over. */
export const shortMs = 20
const passesMax = 500

/** The type of jobs that say nothing else. */
export const type = 'Order.Send'
/** A job, with data and terms as its fields say. */
export function job({ data = '{}', type: own = type, ...terms }: Partial<JobTerms & NewJob> = {}): NewJob {
  return { type: own, data, terms: encodeTerms(terms) }
}
/** Jobs with these texts as their data, all of the same terms. */
export function jobsOf(data: readonly (string | number)[], terms: Partial<JobTerms> = {}): readonly NewJob[] {
  return data.map((each) => job({ data: String(each), ...terms }))
}

/** As many as a case has given; typed so that the first ones can be named. */
type Places = readonly [JobPlace, JobPlace, JobPlace, JobPlace, ...JobPlace[]]
/** Stores a commit with these jobs; their places. */
export async function enqueues(
  { events }: Pick<JobStores, 'events'>,
  jobs: readonly NewJob[],
  fields: CommitFields = {},
): Promise<Places> {
  const { commitNo } = await stored(events, commit({ ...fields, jobs }))
  const places: unknown = jobs.map((_, index) => ({ commitNo, index }))
  return places as Places
}

export interface Wanted extends Partial<QueueWish>, Partial<Pick<JobExchange, 'worker' | 'leaseMs'>> {}
export function wish(fields: Partial<QueueWish> = {}): QueueWish {
  return { queue: 'default', room: 100, types: [type], ...fields }
}
/** An exchange of a worker that stays, and that has and wants nothing unless its fields say so. */
export function exchanges({ jobs }: Pick<JobStores, 'jobs'>, fields: Partial<JobExchange> = {}): Promise<JobExchanged> {
  return jobs.exchange({ worker: 'worker-1', leaseMs: longMs, ends: [], reports: [], wishes: [], ...fields })
}
type Claimed = readonly [ClaimedJob, ClaimedJob, ClaimedJob, ClaimedJob, ...ClaimedJob[]]
/** What a worker gets of one queue, in one exchange. */
export async function claims(
  stores: Pick<JobStores, 'jobs'>,
  { worker = 'worker-1', leaseMs = longMs, ...fields }: Wanted = {},
): Promise<Claimed> {
  const { claimed } = await exchanges(stores, { worker, leaseMs, wishes: [wish(fields)] })
  return claimed as unknown as Claimed
}
/** Lets a worker that wants nothing take in all that has come. */
export async function takesIn(stores: Pick<JobStores, 'jobs'>): Promise<void> {
  while ((await exchanges(stores, { worker: 'taker' })).hasMore);
}

/** The end of a run, under the number and for the worker that it was claimed with. */
export function ends(
  { jobs }: Pick<JobStores, 'jobs'>,
  run: ClaimedJob,
  ending: JobEnding,
  fields: Partial<JobEnd> = {},
): Promise<JobExchanged> {
  return exchanges({ jobs }, { worker: run.worker as string, ends: [{ ...runOf(run), ending, ...fields }] })
}
/** The end of a run, which the store has to accept. */
export async function settles(...given: Parameters<typeof ends>): Promise<void> {
  assert.deepEqual((await ends(...given)).refused, [])
}
export const failure: Extract<JobEnding, { readonly kind: 'failed' }> = { kind: 'failed', error: 'Error' }

export function runOf({ commitNo, index, no }: JobRow): JobPlace & { readonly no: number } {
  return { commitNo, index, no }
}
export function place({ commitNo, index }: JobPlace): JobPlace {
  return { commitNo, index }
}
export function datas(claimed: readonly ClaimedJob[]): readonly string[] {
  return claimed.map(({ data }) => data)
}
/** The job at a place, as the list has it; insists that it is there. */
export async function rowOf({ jobs }: Pick<JobStores, 'jobs'>, { commitNo, index }: JobPlace): Promise<JobRow> {
  const { items } = await jobs.list({}, { limit: 10_000 })
  const found = items.find((row) => row.commitNo === commitNo && row.index === index)
  assert.ok(found !== undefined, `Expected a job at ${commitNo}.${index}.`)
  return found
}
export async function statesOf(
  { jobs }: Pick<JobStores, 'jobs'>,
  places: readonly JobPlace[],
): Promise<readonly JobState[]> {
  const { items } = await jobs.list({}, { limit: 10_000 })
  return places.map(({ commitNo, index }) => {
    const found = items.find((row) => row.commitNo === commitNo && row.index === index)
    assert.ok(found !== undefined, `Expected a job at ${commitNo}.${index}.`)
    return found.state
  })
}
/** Facts that are absent and facts that are `undefined` are the same. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

/** What time the store has: that at which a job begins now. */
export async function nowUsOf(stores: JobStores): Promise<number> {
  await enqueues(stores, [job({ queue: 'clock', type: 'Clock.Look' })])
  const [found] = await claims(stores, { worker: 'clock', queue: 'clock', types: ['Clock.Look'] })
  await settles(stores, found, { kind: 'succeeded' })
  return found.startedAt as number
}
/** Lets time pass until something is so. */
export async function until({ pass }: Pick<GivenJobStore, 'pass'>, isSo: () => Promise<boolean>): Promise<void> {
  for (let passes = 0; passes < passesMax; passes += 1) {
    if (await isSo()) return
    await pass(shortMs)
  }
  assert.fail('Expected what was waited for to come true.')
}
/** A run of a worker whose lease has run out since. */
export async function orphan(given: GivenJobStore, worker: string, fields: Wanted = {}): Promise<ClaimedJob> {
  const [run] = await claims(given, { room: 1, ...fields, worker, leaseMs: shortMs })
  await given.pass(2 * shortMs)
  return run
}
