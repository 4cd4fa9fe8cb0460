// A command log of its own: one row per record. Its columns are what lists ask for; all else is in the bytes.
import type { Migration } from '@gesta/core/ports'

/**
 * seq is the place of a record, which it keeps when its outcome comes. sender is the identity or, without one, the account. record holds
 * all of the record but its payload, as the codec that is named beside it wrote it; payload is exact JSON text. recorded_at is microseconds UTC.
 */
const createRecords = `CREATE TABLE command_log (
  seq INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  command_id TEXT NOT NULL,
  command_type TEXT NOT NULL,
  status TEXT NOT NULL,
  correlation_id TEXT,
  sender TEXT,
  recorded_at INTEGER NOT NULL,
  codec TEXT NOT NULL,
  record BLOB NOT NULL,
  payload TEXT,
  UNIQUE (tenant, command_id)
) STRICT`

const byCorrelation =
  'CREATE INDEX command_log_by_correlation ON command_log (correlation_id) WHERE correlation_id IS NOT NULL'
/** An index ends with the row's seq, so that one type is read in the order of recording. */
const byType = 'CREATE INDEX command_log_by_type ON command_log (command_type)'
const byTime = 'CREATE INDEX command_log_by_time ON command_log (recorded_at)'

/** For cursors. */
const createIdentity = `CREATE TABLE identity (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  incarnation TEXT NOT NULL,
  secret TEXT NOT NULL
) STRICT`

export const records: Migration = {
  number: 1,
  name: 'records',
  statements: [createRecords, byCorrelation, byType, byTime, createIdentity],
}
