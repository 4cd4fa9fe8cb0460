// The terms of a job that leaves a command: what its contract says, and what the message says of this one.
import { checkJobOptions } from '../contracts/check-job-options.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Job } from '../contracts/messages.ts'
import { encodeTerms } from '../stores/job/job-terms.ts'

/** As it is stored. `recordedAt`: of the command, microseconds UTC. Errors: plain ones, a `RangeError`, `invalid_key` for options. */
export function termsOf(
  { settings = {} }: Pick<ContractParts, 'settings'>,
  { type, options }: Pick<Job<string, unknown>, 'type' | 'options'>,
  recordedAt: number,
): string | undefined {
  const { queue, priority, attemptsMax } = settings
  if (options === undefined) return encodeTerms({ queue, priority, attemptsMax })
  checkJobOptions(options, `the job ${type}`)
  const { delayMs, at, expiresInMs, key, unique } = options
  return encodeTerms({
    queue: options.queue ?? queue,
    priority: options.priority ?? priority,
    attemptsMax: options.attemptsMax ?? attemptsMax,
    dueAt: at === undefined ? after(recordedAt, delayMs) : Date.parse(at) * 1000,
    expiresAt: after(recordedAt, expiresInMs),
    key,
    unique: unique && {
      key: unique.key,
      ...(unique.withinMs !== undefined && { withinUs: unique.withinMs * 1000 }),
      ...(unique.states !== undefined && { states: unique.states }),
    },
  })
}

function after(recordedAt: number, ms: number | undefined): number | undefined {
  return ms === undefined || ms === 0 ? undefined : recordedAt + ms * 1000
}
