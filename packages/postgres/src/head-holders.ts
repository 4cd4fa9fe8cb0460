// Who keeps the log locked. Appends do for a moment; a transaction that somebody forgot does until it ends, and one that was prepared
// does so without any process, also after the server was started again.
import { GestaError } from '@gesta/core/ports'
import type { Row, Value } from './driver.ts'

type Read = (sql: string, values?: readonly Value[]) => Promise<readonly Row[]>

/** A holder in words, and the seconds since its transaction began. */
const findHolders = `SELECT CASE WHEN l.pid IS NULL THEN 'the prepared transaction ' || coalesce(p.gid, 'that has just ended')
    ELSE 'process ' || l.pid || ' (' || concat_ws(', ', nullif(a.application_name, ''), a.state) || ')' END,
    extract(epoch FROM clock_timestamp() - coalesce(p.prepared, a.xact_start))::float8
  FROM pg_locks l
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN pg_locks t ON l.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid'
    AND t.virtualtransaction = l.virtualtransaction
  LEFT JOIN pg_prepared_xacts p ON p.transaction = t.transactionid
  WHERE l.relation = to_regclass($1) AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND l.granted AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')
  ORDER BY 2 DESC NULLS LAST`
const countPrepared = 'SELECT count(*) FROM pg_prepared_xacts WHERE database = current_database()'

/** Seconds after which a holder is worth a word. */
const longSeconds = 1

/** What is in the way of appends, for people who look after a store. `schema` is quoted. */
export async function readHealth(
  read: Read,
  schema: string,
): Promise<{ readonly preparedTransactions: number; readonly headHeldBy?: string }> {
  const [[prepared] = [], holders] = await Promise.all([
    read(countPrepared).then(([row]) => row),
    read(findHolders, [`${schema}.head`]),
  ])
  const long = holders.filter(([, seconds]) => Number(seconds) >= longSeconds)
  return {
    preparedTransactions: Number(prepared),
    ...(long.length > 0 && { headHeldBy: inWords(long) }),
  }
}

/** The error of an append that waited too long. `read` runs on a connection that works. */
export async function lockedError(
  read: Read,
  schema: string,
  { place, lockTimeoutMs, cause }: { readonly place: string; readonly lockTimeoutMs: number; readonly cause: unknown },
): Promise<GestaError> {
  const holders = await read(findHolders, [`${schema}.head`]).catch((): readonly Row[] => [])
  const heldBy = holders.length === 0 ? undefined : inWords(holders)
  const message = `Expected to append to ${place} within ${lockTimeoutMs} ms, but it is kept locked by ${heldBy ?? 'a transaction that has just ended'}. Nothing was stored. Try again; if it goes on, end that transaction.`
  return new GestaError('store_locked', message, { cause, facts: { place, heldBy, lockTimeoutMs } })
}

function inWords(holders: readonly Row[]): string {
  return holders.map(([who, seconds]) => `${String(who)} since ${Math.round(Number(seconds))} s`).join(' and ')
}
