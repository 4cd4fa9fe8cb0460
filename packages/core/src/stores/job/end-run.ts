// What follows the end of a run, and what somebody's wish does to a job: the steps of the table in job-state.ts.
import { failuresMax } from './job.ts'
import type { JobRow, JobStory } from './job.ts'
import { isTimed, timedStates, unfinishedStates } from './job-state.ts'
import type { JobState } from './job-state.ts'
import type { JobAction, JobEnding, JobFilter } from './job-store.ts'

/** Why a run ends that somebody wants to end: what that one said, if anything. */
function toldStory({ story }: JobRow): JobStory {
  return { ...story, reason: story.reason ?? 'It was told to end.' }
}

/** The job after its run. `no`: a fresh number. */
export function endRun(row: JobRow, ending: JobEnding, nowUs: number, no: number): JobRow {
  const over = { ...row, endedAt: nowUs, isCancelAsked: false }
  switch (ending.kind) {
    case 'succeeded':
      return { ...over, state: 'succeeded', story: { ...row.story, result: ending.result, reason: undefined } }
    case 'failed':
      return failRun(row, ending, nowUs, no)
    case 'snoozed':
      if (row.isCancelAsked) return { ...over, state: 'cancelled', story: toldStory(row) }
      if (ending.forUs <= 0) return { ...row, state: 'pending', no, attempt: row.attempt - 1, dueAt: nowUs }
      return { ...row, state: 'waiting', no, attempt: row.attempt - 1, dueAt: nowUs + ending.forUs }
    case 'released':
      if (row.isCancelAsked) return { ...over, state: 'cancelled', story: toldStory(row) }
      return { ...row, state: 'pending', no, attempt: row.attempt - 1 }
    case 'cancelled':
      return { ...over, state: 'cancelled', story: { ...row.story, reason: row.story.reason ?? ending.reason } }
  }
}

/** A run that failed: another one later, at once, or none. */
export function failRun(
  row: JobRow,
  { error, retryInUs }: { readonly error: string; readonly retryInUs?: number | undefined },
  nowUs: number,
  no: number,
): JobRow {
  const { attempt, attemptsMax, worker, isCancelAsked } = row
  const failures = [...row.story.failures, { attempt, at: nowUs, error, worker }].slice(-failuresMax)
  const failed = { ...row, no, story: { ...row.story, failures } }
  const end = { ...failed, endedAt: nowUs, isCancelAsked: false }
  if (isCancelAsked) return { ...end, state: 'cancelled', story: toldStory(end) }
  if (retryInUs === undefined || attempt >= attemptsMax) {
    const reason = retryInUs === undefined ? 'No further run was asked for.' : `All ${attemptsMax} runs have failed.`
    return { ...end, state: 'dead_letter', story: { ...end.story, reason } }
  }
  if (retryInUs <= 0) return { ...failed, state: 'pending', dueAt: nowUs }
  return { ...failed, state: 'retry_scheduled', dueAt: nowUs + retryInUs }
}

const changedStates: { readonly [Action in JobAction]: readonly JobState[] } = {
  cancel: unfinishedStates,
  requeue: ['dead_letter', 'cancelled', 'expired'],
  discard: ['dead_letter'],
  hurry: timedStates,
}
/** Jobs that a filter means and an action can change: the others, such as all that have succeeded, need not be looked at. */
export function changeable(action: JobAction, filter: JobFilter): JobFilter {
  const states = changedStates[action]
  return { ...filter, states: states.filter((state) => filter.states?.includes(state) ?? true) }
}

/** The job as somebody wants it; absent: it cannot be changed so. `no`: a fresh number. */
export function changedJob(
  row: JobRow,
  action: JobAction,
  reason: string | undefined,
  nowUs: number,
  no: number,
): JobRow | undefined {
  const { state, story } = row
  const cancelled = (): JobRow => ({
    ...row,
    state: 'cancelled',
    endedAt: nowUs,
    isCancelAsked: false,
    story: { ...story, reason: reason ?? story.reason },
  })
  switch (action) {
    case 'cancel':
      if (state === 'running')
        return row.isCancelAsked ? undefined : { ...row, isCancelAsked: true, story: { ...story, reason } }
      return state === 'pending' || isTimed(state) ? cancelled() : undefined
    case 'discard':
      return state === 'dead_letter' ? cancelled() : undefined
    case 'hurry':
      return isTimed(state) ? { ...row, state: 'pending', no, dueAt: nowUs } : undefined
    case 'requeue': {
      if (state !== 'dead_letter' && state !== 'cancelled' && state !== 'expired') return undefined
      const again = { ...story, reason: undefined, repeats: undefined, requeued: (story.requeued ?? 0) + 1 }
      return {
        ...row,
        state: 'pending',
        no,
        attempt: 0,
        dueAt: nowUs,
        expiresAt: undefined,
        endedAt: undefined,
        story: again,
      }
    }
  }
}
