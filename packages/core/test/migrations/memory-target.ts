// The shortest target: a ledger, a list of what ran, and a lock. Its SQL are words; those that begin with "fail" fail.
import { migrationFailed } from '../../src/migrations/migration-failed.ts'
import type { AppliedMigration } from '../../src/migrations/migration.ts'
import type { MigrationSession, MigrationTarget } from '../../src/migrations/migration-target.ts'

export interface MemoryTarget extends MigrationTarget {
  readonly rows: AppliedMigration[]
  /** Statements of what was applied. */
  readonly ran: string[]
  /** Who has the lock. */
  heldBy: string | undefined
  /** Attempts to get the lock. */
  tries: number
  /** Called by each `apply` before its transaction begins, and after it was committed. */
  interrupt: (when: 'before' | 'after') => void
}

export function createMemoryTarget(): MemoryTarget {
  const target: MemoryTarget = {
    database: 'memory',
    rows: [],
    ran: [],
    heldBy: undefined,
    tries: 0,
    interrupt: () => undefined,
    ledger: async () => [...target.rows],
    tryLock: async () => {
      target.tries += 1
      if (target.heldBy !== undefined) return { session: undefined, heldBy: target.heldBy }
      target.heldBy = 'a session'
      return { session: sessionOf(target) }
    },
  }
  return target
}

function sessionOf(target: MemoryTarget): MigrationSession {
  return {
    ledger: target.ledger,
    apply: async (step, appliedAt) => {
      const { module, number, name, checksum, statements } = step
      target.interrupt('before')
      if (target.rows.some((row) => row.module === module && row.number === number))
        throw migrationFailed(step, undefined, new Error('it is in the ledger'))
      const failing = statements.findIndex((statement) => statement.startsWith('fail'))
      if (failing >= 0) throw migrationFailed(step, failing, new Error('no such word'))
      target.ran.push(...statements)
      target.rows.push({ module, number, name, checksum, appliedAt })
      target.interrupt('after')
    },
    [Symbol.asyncDispose]: async () => void (target.heldBy = undefined),
  }
}
