// The error of a migration that failed: which one, at which statement, and why.
import { GestaError } from '../errors/gesta-error.ts'
import { migrationText } from './migration.ts'
import type { MigrationStep } from './migration.ts'

const statementLengthMax = 120

/**
 * For adapters, in `MigrationSession.apply`. `index` is that of the statement that failed, from 0; `undefined` when they all ran and the
 * ledger's row or the COMMIT failed. `cause` is what the database said. The transaction must have been taken back.
 */
export function migrationFailed(step: MigrationStep, index: number | undefined, cause: unknown): GestaError {
  const { module, number, name, statements } = step
  const said = cause instanceof Error ? cause.message : String(cause)
  const received =
    index === undefined
      ? `it could not be stored: ${said}`
      : `statement ${index + 1} of ${statements.length} failed: ${said} (${startOf(statements[index] ?? '')})`
  return new GestaError(
    'migration_failed',
    `Expected the migration ${migrationText(step)} to run, but ${received}. The schema is as it was before this migration; mend the cause and start again.`,
    { cause, facts: { module, number, name, statement: index === undefined ? undefined : index + 1 } },
  )
}

/** Enough of a statement to find it. */
function startOf(statement: string): string {
  const line = statement.replaceAll(/\s+/g, ' ').trim()
  return line.length > statementLengthMax ? `${line.slice(0, statementLengthMax)}...` : line
}
