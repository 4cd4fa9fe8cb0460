// Waiting for others: for another process by what it leaves in the ledger, for a runner until the lock was refused to it.
import type { MigrationTarget } from '../../migrations/migration-target.ts'
import type { MigratingProcess, MigrationPlace } from './given.ts'

const pollMs = 1

/** Waits until the ledger has so many rows. Rejects when the process ended without them. */
export async function untilLedgerHas(place: MigrationPlace, rows: number, process: MigratingProcess): Promise<void> {
  const target = place.newTarget()
  let printed: string | undefined
  const ended = process.ended.then((text) => (printed = text))
  for (;;) {
    if ((await target.ledger()).length >= rows) return
    if (printed !== undefined) throw new Error(`The process ended before the ledger had ${rows} rows: ${printed}`)
    await Promise.race([ended, new Promise<void>((resolve) => place.runtime.clock.after(pollMs, resolve))])
  }
}

/** The same database, and a promise that resolves when it first refused the lock. */
export function watched(target: MigrationTarget): {
  readonly target: MigrationTarget
  readonly refusedOnce: Promise<void>
} {
  const { promise, resolve } = Promise.withResolvers<void>()
  const tryLock: MigrationTarget['tryLock'] = async () => {
    const answer = await target.tryLock()
    if (answer.session === undefined) resolve()
    return answer
  }
  return { target: { database: target.database, ledger: () => target.ledger(), tryLock }, refusedOnce: promise }
}
