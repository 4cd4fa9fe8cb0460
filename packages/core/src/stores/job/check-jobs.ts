// What every job store refuses before it looks at a job. Adapters call these first; the conformance suite checks that they do.
import { checkKey } from '../../codec/key-text.ts'
import { checkQueue } from '../../contracts/check-job-options.ts'
import { checkOptions } from '../../schema/options.ts'
import { checkTenant, checkWhole } from '../check-text.ts'
import { askPage, pageLimit } from '../page.ts'
import type { AskedPage } from '../page.ts'
import type { PageRequest } from '../store.ts'
import type { JobPlace } from './job.ts'
import { isUnfinished, jobStates } from './job-state.ts'
import type { JobState } from './job-state.ts'
import type { JobChange, JobEnding, JobExchange, JobFilter, JobStore, QueueWish } from './job-store.ts'

const countMax = 10_000
const usMax = 100 * 366 * 24 * 60 * 60 * 1_000_000

/** Errors: `invalid_key`; a `RangeError` for numbers out of bounds and for a job or a queue that is named twice. */
export function checkExchange({ worker, leaseMs, ends, reports, holding = [], wishes }: JobExchange): void {
  checkKey(worker, 'worker')
  checkWhole(leaseMs, 'leaseMs', 0, 24 * 60 * 60 * 1000)
  for (const list of [ends, reports, holding]) {
    checkJobPlaces(list)
    for (const { no } of list) checkWhole(no, 'number of a run', 1)
  }
  refuseTwice(
    ends.map(({ commitNo, index }) => `${commitNo}.${index}`),
    'end of a job',
  )
  for (const { ending } of ends) checkEnding(ending)
  for (const wish of wishes) checkWish(wish)
  refuseTwice(
    wishes.map(({ queue }) => queue),
    'wish for a queue',
  )
}

/** Throws a `RangeError` for numbers that are none. */
export function checkJobPlaces(places: readonly JobPlace[]): void {
  for (const { commitNo, index } of places) {
    checkWhole(commitNo, 'commit number of a job', 1)
    checkWhole(index, 'index of a job', 0)
  }
}

/** Errors: `invalid_key`; plain ones for what is unknown, which would find more than was meant. */
export function checkJobFilter(filter: JobFilter): void {
  checkOptions(filter, ['states', 'queue', 'tenant', 'type', 'key'], 'the filter of jobs')
  const { states, queue, tenant, type, key } = filter
  checkStates(states ?? [])
  if (queue !== undefined) checkQueue(queue, 'the filter of jobs')
  if (tenant !== undefined) checkTenant(tenant)
  if (type !== undefined) checkKey(type, 'job type')
  if (key !== undefined) checkKey(key, 'key of a job')
}

/** Errors: those of `checkJobPlaces` and `checkJobFilter`; a plain one for an action that there is not. */
export function checkJobChange({ action, which }: JobChange): void {
  if (!['cancel', 'requeue', 'discard', 'hurry'].includes(action))
    throw new Error(`Expected an action of jobs to be cancel, requeue, discard or hurry, received "${action}".`)
  if ('length' in which) checkJobPlaces(which)
  else checkJobFilter(which)
}

/** Errors: a plain one for a state of jobs that have not ended, or none; a `RangeError` for numbers. */
export function checkJobPrune({ states, endedBeforeUs, limit }: Parameters<JobStore['prune']>[0]): void {
  checkStates(states)
  const open = states.find(isUnfinished)
  if (open !== undefined) throw new Error(`Expected states of jobs that have ended, received "${open}".`)
  checkWhole(endedBeforeUs, 'endedBeforeUs of jobs', 0)
  pageLimit(limit, countMax)
}

/** A page of the list of jobs, newest first: the key is the place of the last one. Errors: those of the filter; `invalid_cursor`. */
export function askJobs(filter: JobFilter, page?: PageRequest): AskedPage<readonly [number, number]> {
  checkJobFilter(filter)
  return askPage({ list: 'jobs', question: filter }, ['number', 'number'], page)
}

function checkEnding(ending: JobEnding): void {
  if (ending.kind === 'snoozed') checkWhole(ending.forUs, 'forUs of a snoozed job', 0, usMax)
  if (ending.kind === 'failed' && ending.retryInUs !== undefined)
    checkWhole(ending.retryInUs, 'retryInUs of a failed job', 0, usMax)
}

function checkWish({ queue, room, runningMax, runningPerKeyMax, rate }: QueueWish): void {
  checkQueue(queue, 'a wish')
  checkWhole(room, `room of the queue ${queue}`, 0, countMax)
  if (runningMax !== undefined) checkWhole(runningMax, `runningMax of the queue ${queue}`, 0)
  if (runningPerKeyMax !== undefined) checkWhole(runningPerKeyMax, `runningPerKeyMax of the queue ${queue}`, 1)
  if (rate === undefined) return
  checkWhole(rate.max, `rate.max of the queue ${queue}`, 1)
  checkWhole(rate.periodUs, `rate.periodUs of the queue ${queue}`, 1_000, usMax)
}

function checkStates(states: readonly JobState[]): void {
  for (const state of states)
    if (!jobStates.includes(state))
      throw new Error(`Expected a state of jobs to be one of ${jobStates.join(', ')}, received "${state}".`)
}

function refuseTwice(names: readonly string[], what: string): void {
  const seen = new Set<string>()
  for (const name of names) {
    if (seen.has(name)) throw new RangeError(`Expected each ${what} once, received ${name} twice.`)
    seen.add(name)
  }
}
