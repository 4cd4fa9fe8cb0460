// The port: a database whose schema migrations change. It keeps the ledger and the lock; what runs, and when, is the runner's business.
import type { AppliedMigration, MigrationStep } from './migration.ts'

/** Errors of all calls: those of the database when it cannot be reached, as its stores report them. */
export interface MigrationTarget {
  /** What errors call the database: a path, or host and name. Never a password. */
  readonly database: string
  /**
   * What the ledger says, in the order in which it was written; empty when there is none. Changes nothing, makes no ledger, waits for
   * no lock. At best one statement: every start asks, and mostly learns that there is nothing to do.
   */
  ledger(): Promise<readonly AppliedMigration[]>
  /**
   * Takes the lock between processes when it is free. Does not wait: the runner asks again until its time is up. The lock is the
   * database's or the operating system's, so that it ends with a process that is killed.
   */
  tryLock(): Promise<LockAttempt>
}

export type LockAttempt =
  | { readonly session: MigrationSession }
  /** `heldBy`: who has the lock, as words of an error (`process 7 on host-1`); `undefined` when the database does not tell. */
  | { readonly session: undefined; readonly heldBy: string | undefined }

/**
 * The lock, while it is held. Work is done on the connection that holds it, so that losing the one means losing the other.
 * Disposing gives the lock back and never rejects: what cannot be given back ends with its connection.
 */
export interface MigrationSession extends AsyncDisposable {
  /** As in the target, under the lock. */
  ledger(): Promise<readonly AppliedMigration[]>
  /**
   * One transaction: makes the ledger when it is missing, runs the statements in order, writes the ledger's row with `appliedAt`
   * (microseconds). When it rejects nothing is left of it, except that a connection that broke at COMMIT may have stored all of it.
   * Rejects with `migrationFailed(step, index, cause)` for a statement that failed, and for a step that the ledger has already.
   */
  apply(step: MigrationStep, appliedAt: number): Promise<void>
}
