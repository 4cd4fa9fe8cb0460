// How a run ended: what its handler answered, or what it failed with, as the store keeps it.
import { checkPayloadSize, encode } from '../codec/json.ts'
import type { ContractParts } from '../contracts/contract.ts'
import { isAway } from '../dispatch/away.ts'
import type { JobAnswer } from '../dispatch/handler.ts'
import type { ErrorCode } from '../errors/codes.ts'
import { findGestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import { checkWhole } from '../stores/check-text.ts'
import type { ClaimedJob } from '../stores/job/job.ts'
import type { JobEnding } from '../stores/job/job-store.ts'
import { backoffMs } from '../time/backoff.ts'
import { words } from './telling.ts'

/** Bytes that the JSON text of a result may have: it lies with the job, and is read with every list. */
const resultBytesMax = 65_536
const backoffDefault = { firstMs: 1_000, maxMs: 60 * 60 * 1000 }
/** How long a job waits for what could not be reached: between these, by chance, so that not all come back at once. */
const awayMs = { least: 1_000, most: 10_000 }
export const snoozeMsMax: number = 365 * 24 * 60 * 60 * 1000
/** What no further run would mend. */
const finalCodes: readonly ErrorCode[] = [
  'invalid_input',
  'invalid_output',
  'payload_too_large',
  'permission_denied',
  'missing_handler',
  'role_not_allowed',
]

/** Errors: `invalid_output` and `payload_too_large` for a result that cannot be kept; a `RangeError` for a time that is none. */
export function endingOfAnswer({ type }: ClaimedJob, answer: unknown): JobEnding {
  if (answer === undefined) return { kind: 'succeeded' }
  if (isJobAnswer(answer)) {
    const { jobAnswer, forMs = 0, reason = '' } = answer
    if (jobAnswer === 'snooze') {
      // Not every such answer was made by snooze(), and what no store takes would keep the worker from all that it has to tell.
      checkWhole(forMs, 'time of a snoozed job', 0, snoozeMsMax)
      return { kind: 'snoozed', forUs: forMs * 1000 }
    }
    return { kind: 'failed', error: `given_up: ${words(reason)}` }
  }
  const result = encode(answer, `the result of ${type}`)
  checkPayloadSize(result, `the result of ${type}`, resultBytesMax)
  return { kind: 'succeeded', result }
}

/**
 * Whatever could not be reached is no failed run, however often it happens: the job waits, as if it had asked for it. `contract` is absent
 * when there is none to run it.
 */
export function endingOfFailure(
  { attempt }: ClaimedJob,
  cause: unknown,
  contract: ContractParts | undefined,
  random: () => number,
): JobEnding {
  if (isAway(cause)) {
    const ms = awayMs.least + random() * (awayMs.most - awayMs.least)
    return { kind: 'snoozed', forUs: Math.round(ms * 1000) }
  }
  const error = redactError(cause)
  if (finalCodes.some((code) => findGestaError(cause, code) !== undefined)) return { kind: 'failed', error }
  const { firstMs, maxMs } = { ...backoffDefault, ...contract?.settings?.backoff }
  const delayMs = backoffMs(
    { firstMs: firstMs ?? backoffDefault.firstMs, maxMs: maxMs ?? backoffDefault.maxMs },
    attempt,
    random,
  )
  return { kind: 'failed', error, retryInUs: Math.round(delayMs * 1000) }
}

function isJobAnswer(answer: unknown): answer is JobAnswer {
  if (typeof answer !== 'object' || answer === null) return false
  const { jobAnswer } = answer as Partial<JobAnswer>
  return jobAnswer === 'snooze' || jobAnswer === 'give_up'
}
