// Leases: the last one of each name. One that ended stays, for its token.
import type { Migration } from '@gesta/core/ports'

/** expires_at is microseconds UTC, and 0 for a lease that was given up. */
const createLeases = `CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  fencing_token INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID`

export const leases: Migration = { number: 1, name: 'leases', statements: [createLeases] }
