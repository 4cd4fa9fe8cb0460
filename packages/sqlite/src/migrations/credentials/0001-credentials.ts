// Credentials by key, each with the name of the secret that sealed it.
import type { Migration } from '@gesta/core/ports'

/** sealed is base64; expires_at is null for what stays. Times are microseconds UTC. */
const createCredentials = `CREATE TABLE credentials (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  subject TEXT NOT NULL,
  version INTEGER NOT NULL,
  sealed_by TEXT NOT NULL,
  sealed TEXT NOT NULL,
  expires_at INTEGER,
  written_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, id)
) STRICT, WITHOUT ROWID`

const createSubjectIndex = 'CREATE INDEX credentials_subject ON credentials (tenant, subject, kind, id)'
const createSealingIndex = 'CREATE INDEX credentials_sealed_by ON credentials (sealed_by, tenant, kind, id)'
const createExpiryIndex = 'CREATE INDEX credentials_expires_at ON credentials (expires_at) WHERE expires_at IS NOT NULL'

export const credentials: Migration = {
  number: 1,
  name: 'credentials',
  statements: [createCredentials, createSubjectIndex, createSealingIndex, createExpiryIndex],
}
