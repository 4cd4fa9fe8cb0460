// Waiting for the lock between processes. Asked for again and again instead of queued for, because a database that keeps a session
// waiting inside a statement can make the migration wait for it in turn.
import { GestaError } from '../errors/gesta-error.ts'
import type { Ids } from '../ids/ids.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'
import { onAbort } from '../time/on-abort.ts'
import type { MigrationSession, MigrationTarget } from './migration-target.ts'

export interface LockWait {
  readonly clock: Clock
  readonly ids: Pick<Ids, 'random'>
  readonly lockTimeoutMs: number
  readonly signal: AbortSignal | undefined
}

const retryDelay = { firstMs: 20, maxMs: 500 }

/** Rejects with `migration_lock_timeout`, which names the holder when the database tells, or with the reason of `signal`. */
export async function waitForLock(target: MigrationTarget, wait: LockWait): Promise<MigrationSession> {
  const { clock, ids, lockTimeoutMs, signal } = wait
  const untilUs = clock.monotonicUs() + lockTimeoutMs * 1000
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted()
    const answer = await target.tryLock()
    if (answer.session !== undefined) return answer.session
    const leftMs = (untilUs - clock.monotonicUs()) / 1000
    if (leftMs <= 0) throw timeoutError(target, lockTimeoutMs, answer.heldBy)
    await pause(clock, Math.min(leftMs, backoffMs(retryDelay, attempt, ids.random)), signal)
  }
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const place =
      signal &&
      onAbort(signal, () => {
        timer.cancel()
        reject(signal.reason as Error)
      })
    const timer = clock.after(delayMs, () => {
      place?.leave()
      resolve()
    })
  })
}

function timeoutError({ database }: MigrationTarget, lockTimeoutMs: number, heldBy: string | undefined): GestaError {
  return new GestaError(
    'migration_lock_timeout',
    `Expected to get the lock for migrations of ${database} within ${lockTimeoutMs} ms, but ${heldBy ?? 'another process'} has it. Start again when that one is done; if it hangs, end it.`,
    { facts: { database, heldBy, lockTimeoutMs } },
  )
}
