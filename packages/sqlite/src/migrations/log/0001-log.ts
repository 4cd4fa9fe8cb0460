// The log and what is stored with it. Nothing here is updated when a commit is appended: rows are only added, in commit order.
import type { Migration } from '@gesta/core/ports'

const createLog = `CREATE TABLE log (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  incarnation TEXT NOT NULL,
  secret TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT`

/**
 * The command log: one row per command, whatever its outcome. version is the target's, after the command; position is the log's last one
 * then. correlation_id is what the context carries.
 */
const createCommits = `CREATE TABLE commits (
  commit_no INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  command_id TEXT NOT NULL,
  command_type TEXT NOT NULL,
  outcome TEXT NOT NULL,
  answer TEXT,
  version INTEGER,
  fingerprint TEXT,
  correlation_id TEXT,
  context TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  position INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  UNIQUE (tenant, command_id)
) STRICT`

/** Most commands carry no correlation, and an index that they are not in costs them nothing. */
const indexCorrelations =
  'CREATE INDEX commits_by_correlation ON commits (correlation_id) WHERE correlation_id IS NOT NULL'

/** data is exact JSON text. Context and time live once, with the commit. */
const createEvents = `CREATE TABLE events (
  position INTEGER PRIMARY KEY,
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  aggregate_type TEXT NOT NULL,
  aggregate_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  data TEXT NOT NULL,
  UNIQUE (tenant, aggregate_type, aggregate_id, version)
) STRICT`

const createIdempotency = `CREATE TABLE idempotency (
  tenant TEXT NOT NULL,
  sender TEXT NOT NULL,
  command_type TEXT NOT NULL,
  key TEXT NOT NULL,
  commit_no INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  PRIMARY KEY (tenant, sender, command_type, key)
) STRICT, WITHOUT ROWID`

const createOutbox = `CREATE TABLE outbox (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  schema_version INTEGER NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID`

const createJobs = `CREATE TABLE jobs (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID`

const createAudit = `CREATE TABLE audit (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  action TEXT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID`

/** Applied once and never changed: a later change is a later migration. */
export const log: Migration = {
  number: 1,
  name: 'log',
  statements: [
    createLog,
    createCommits,
    indexCorrelations,
    createEvents,
    createIdempotency,
    createOutbox,
    createJobs,
    createAudit,
  ],
}
