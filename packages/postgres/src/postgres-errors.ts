// What PostgreSQL and its connections say, as the codes that callers of a store know.
// SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html
import { GestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'
import { DatabaseError } from 'pg'

export const uniqueViolation = '23505'
/** Raised by the functions of a view that was removed. */
export const noSuchView = 'GE002'
export const undefinedTable = '42P01'
export const lockNotAvailable = '55P03'
/** Raised by the function `rewrite`. */
export const noSuchEvent = 'P0002'

/**
 * The SQLSTATE of a statement that the server refused: then it changed nothing, and the session goes on. `undefined` for everything
 * else: a session that was ended by the server may have stored what it did, and so may one whose connection broke.
 */
export function refusalState(error: unknown): string | undefined {
  return error instanceof DatabaseError && error.severity === 'ERROR' ? error.code : undefined
}

/** The same of an error that a caller sees. */
export function stateOf(error: unknown): string | undefined {
  return error instanceof GestaError ? refusalState(error.cause) : undefined
}

/** Whether the same thing may work in a moment: a server that starts, stops, is full, or picked this transaction to give way. */
export function isPassing(error: unknown): boolean {
  // What was too slow once is not asked for again: it would only be one more for a slow server to do.
  if (!(error instanceof DatabaseError)) return isConnectionFault(error) && !isTimeout(error)
  const state = error.code ?? ''
  return state.startsWith('08') || /^(?:40001|40P01|53200|53300|57P01|57P02|57P03|57P05)$/.test(state)
}

/** Whether a refusal is about the server, such as its room or its time, and not about the statement. */
export function isOfServer(error: unknown): boolean {
  return isPassing(error) || /^(?:53|57|58|F0|XX)/.test(refusalState(error) ?? '')
}

/** Whether an error may be about one commit of a group, so that the others are worth a try of their own: data, rows or their size. */
export function isOfOneCommit(error: unknown): boolean {
  const cause = error instanceof GestaError ? error.cause : error
  return /^(?:22|23|53200|54|XX000)/.test(refusalState(cause) ?? '')
}

/** The driver has no codes for a connection that ended; Node has for one that failed. */
function isConnectionFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (/^Connection terminated|^timeout e|not queryable/.test(error.message) || isTimeout(error)) return true
  return 'syscall' in error || error instanceof AggregateError
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout'
}

/** The error that a caller sees; errors of something else stay what they are. `place` names the server and schema, without secrets. */
export function storeError(error: unknown, place: string): unknown {
  if (error instanceof GestaError) return error
  if (!(error instanceof DatabaseError)) return isConnectionFault(error) ? unreachable(error as Error, place) : error
  const state = error.code ?? ''
  const [code, message] = explain(state, place)
  return new GestaError(code, `${message} PostgreSQL said: ${error.message} (${state}).`, {
    cause: error,
    facts: { place, state },
  })
}

function unreachable(error: Error, place: string): GestaError {
  const cause = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error
  const message = `Expected ${place} to answer, but it did not: ${cause.message}. Look whether the server runs and can be reached; the store goes on by itself when it is back.`
  return new GestaError('store_unavailable', message, { cause: error, facts: { place } })
}

function explain(state: string, place: string): readonly [ErrorCode, string] {
  if (state === '53100')
    return [
      'store_full',
      `Expected room for ${place}, but the server's disk is full. Nothing was changed; make room and try again, the store goes on by itself.`,
    ]
  if (state === '25006')
    return [
      'store_read_only',
      `Expected to write ${place}, but the server takes no writes: it is a replica, or was made read-only. Give the URL of the primary.`,
    ]
  if (state === '42501')
    return [
      'store_read_only',
      `Expected to write ${place}, but the role has no right to. Grant it, or connect as the role that owns the schema.`,
    ]
  if (state === '53300')
    return [
      'store_unavailable',
      `Expected a connection to ${place}, but the server has none left. Raise max_connections, lower connectionsMax, or put a pooler in between.`,
    ]
  if (state === '57014')
    return [
      'store_unavailable',
      `Expected ${place} to answer in time, but the statement was cancelled. Look what slows the server down, and at statement_timeout of the role.`,
    ]
  if (state.startsWith('28') || state === '3D000')
    return [
      'store_unavailable',
      `Expected to connect to ${place}, but the server refused. Look at role, password and database of the URL.`,
    ]
  if (/^(?:3F000|42P01|42703|42883|XX001|XX002)$/.test(state))
    return [
      'store_foreign',
      `Expected ${place} to be a store of gesta, but it has other tables, or they are damaged. Choose another schema, or restore a backup.`,
    ]
  if (state === '25000')
    return [
      'store_unavailable',
      `Expected ${place} to run transactions in READ COMMITTED, but another level is the default. Set default_transaction_isolation of the role to 'read committed'.`,
    ]
  return ['store_unavailable', `Expected ${place} to answer, but it failed. Nothing was changed.`]
}
