// Snapshots, and how often some were removed: of one tenant, and of all at once.
import type { Migration } from '@gesta/core/ports'

/** state is exact JSON text; taken_at is microseconds UTC. */
const createSnapshots = `CREATE TABLE snapshots (
  tenant TEXT NOT NULL,
  aggregate_type TEXT NOT NULL,
  aggregate_id TEXT NOT NULL,
  state_version INTEGER NOT NULL,
  version INTEGER NOT NULL,
  incarnation TEXT NOT NULL,
  event_id TEXT NOT NULL,
  state TEXT NOT NULL,
  personal INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  UNIQUE (tenant, aggregate_type, aggregate_id, state_version)
) STRICT`

const createPersonalIndex = 'CREATE INDEX snapshots_personal ON snapshots (tenant) WHERE personal = 1'

const createRemovals = 'CREATE TABLE removals (tenant TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID'

const createRemovalsOfAll =
  'CREATE TABLE removals_of_all (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT NULL) STRICT'

const startRemovalsOfAll = 'INSERT INTO removals_of_all (id, count) VALUES (1, 0)'

export const snapshots: Migration = {
  number: 1,
  name: 'snapshots',
  statements: [createSnapshots, createPersonalIndex, createRemovals, createRemovalsOfAll, startRemovalsOfAll],
}
