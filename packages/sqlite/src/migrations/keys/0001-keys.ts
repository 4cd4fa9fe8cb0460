// Keys by scope, and the ledger of those that were destroyed. A scope is in one of the two tables, never in both.
import type { Migration } from '@gesta/core/ports'

/** wrapped is base64; subject is empty for the tenant's own key. */
const createKeys = `CREATE TABLE keys (
  tenant TEXT NOT NULL,
  subject TEXT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped_by TEXT NOT NULL,
  wrapped TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, subject)
) STRICT, WITHOUT ROWID`

const createWrappingIndex = 'CREATE INDEX keys_wrapped_by ON keys (wrapped_by, tenant, subject)'

/** key_id is null for a scope that had no key. */
const createShredded = `CREATE TABLE shredded (
  number INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  subject TEXT NOT NULL,
  key_id TEXT,
  reason TEXT NOT NULL,
  shredded_at INTEGER NOT NULL,
  UNIQUE (tenant, subject)
) STRICT`

export const keys: Migration = {
  number: 1,
  name: 'keys',
  statements: [createKeys, createWrappingIndex, createShredded],
}
