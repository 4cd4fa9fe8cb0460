// What an app forgets with time: idempotency keys, jobs that have ended, and records of the command log where it asks for it. It looks now and then, page by page.
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import type { CommandLogRetention } from '../command-log/options.ts'
import type { JobsSettings } from '../queue/options.ts'
import type { OpenBackend } from '../stores/backend.ts'
import type { JobState } from '../stores/job/job-state.ts'
import { redactError } from '../errors/redact-error.ts'
import type { Clock } from '../time/clock.ts'
import { pause } from '../time/unless-aborted.ts'

export interface IdempotencyOptions {
  /** Milliseconds since its command arrived that a key is kept; `Infinity`: as long as the log. Default: 30 days. */
  readonly keepKeysMs?: number | undefined
}
export interface RetentionParts {
  readonly backend: Pick<OpenBackend, 'events' | 'commandLog' | 'jobs' | 'readOnly'>
  readonly idempotency: IdempotencyOptions | undefined
  /** How long records are kept. */
  readonly records: readonly CommandLogRetention[] | undefined
  /** How long jobs are kept that have ended. */
  readonly kept: Pick<JobsSettings, 'keepSucceededMs' | 'keepEndedMs'>
  readonly clock: Clock
}

const keepKeysDefaultMs = 30 * 24 * 60 * 60 * 1000
const firstMs = 60 * 1000
const everyMs = 60 * 60 * 1000
/** Small pages: each is one change of the store, and commands wait behind it. */
const pageMax = 1_000
const succeeded: readonly JobState[] = ['succeeded']
const endedOtherwise: readonly JobState[] = ['dead_letter', 'cancelled', 'expired']

/** Errors: a plain one, or a `RangeError`. */
export function checkIdempotencyOptions(options: IdempotencyOptions, app: string): void {
  checkOptions(options, ['keepKeysMs'], `idempotency of the app ${app}`)
  const { keepKeysMs = 0 } = options
  if (keepKeysMs !== Number.POSITIVE_INFINITY) checkWhole(keepKeysMs, 'option idempotency.keepKeysMs', 0)
}

export interface Retention extends AsyncDisposable {
  /** What kept it from forgetting the last time, as codes and names; absent while all is well. */
  readonly lastError: string | undefined
}

/** Forgets until it is disposed of. Whatever goes wrong is tried again the next time, and keeps nothing else from being forgotten. */
export function startRetention({ backend, idempotency, records = [], kept, clock }: RetentionParts): Retention {
  const { events, commandLog, jobs } = backend
  const { keepKeysMs = keepKeysDefaultMs } = idempotency ?? {}
  const stop = new AbortController()
  const { signal } = stop
  let lastError: string | undefined

  /** Page after page, until one is not full. */
  const forget = async (keepMs: number, page: (before: number) => Promise<number>): Promise<void> => {
    const before = clock.nowUs() - keepMs * 1000
    for (let count = pageMax; before > 0 && count === pageMax && !signal.aborted;) count = await page(before)
  }
  const round = async (): Promise<void> => {
    let failed: string | undefined
    const note = (cause: unknown): void => void (failed = redactError(cause))
    await forget(keepKeysMs, (before) => events.pruneKeys({ before, limit: pageMax })).catch(note)
    for (const { olderThanMs, statuses } of records)
      await forget(olderThanMs, (before) => commandLog.purge({ before, statuses, limit: pageMax })).catch(note)
    for (const [keepMs, states] of [
      [kept.keepSucceededMs, succeeded],
      [kept.keepEndedMs, endedOtherwise],
    ] as const)
      await forget(keepMs, (endedBeforeUs) => jobs.prune({ states, endedBeforeUs, limit: pageMax })).catch(note)
    lastError = failed
  }
  const run = async (): Promise<void> => {
    for (let waitMs = firstMs; ; waitMs = everyMs) {
      await pause(clock, waitMs, signal)
      await round()
    }
  }
  const isKept = [keepKeysMs, kept.keepSucceededMs, kept.keepEndedMs].every((ms) => ms === Number.POSITIVE_INFINITY)
  const isIdle = backend.readOnly === true || (isKept && records.length === 0)
  const running = isIdle ? undefined : run().catch(() => undefined)
  return {
    get lastError() {
      return lastError
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await running
    },
  }
}
