// Cache entries. A replaced entry gets a new id, so ids are in the order of writing.
import type { Migration } from '@gesta/core/ports'

/** value is exact JSON text; bytes is what the entry counts against the bound; expires_at is microseconds UTC. */
const createEntries = `CREATE TABLE entries (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  key TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  expires_at INTEGER,
  value TEXT NOT NULL,
  UNIQUE (tenant, key)
) STRICT`

const createExpiryIndex = 'CREATE INDEX entries_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL'

export const entries: Migration = { number: 1, name: 'entries', statements: [createEntries, createExpiryIndex] }
