// Credentials by key, each with the name of the secret that sealed it.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function credentials(s: string): Migration {
  const key = ['tenant', 'kind', 'id'].map((column) => `${s}.index_key(${column})`).join(', ')

  /** sealed is base64; expires_at is null for what stays. Times are microseconds UTC. */
  const createCredentials = `CREATE TABLE ${s}.credentials (
  tenant text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  sealed_by text COLLATE "C" NOT NULL,
  sealed text NOT NULL,
  expires_at bigint,
  written_at bigint NOT NULL
)`
  const createKeyIndex = `CREATE UNIQUE INDEX credentials_key ON ${s}.credentials (${key})`
  const createSubjectIndex = `CREATE INDEX credentials_subject
  ON ${s}.credentials (${s}.index_key(tenant), ${s}.index_key(subject))`
  const createSealingIndex = `CREATE INDEX credentials_sealed_by ON ${s}.credentials (${s}.index_key(sealed_by), ${key})`
  const createExpiryIndex = `CREATE INDEX credentials_expires_at ON ${s}.credentials (expires_at) WHERE expires_at IS NOT NULL`

  return {
    number: 1,
    name: 'credentials',
    statements: [createCredentials, createKeyIndex, createSubjectIndex, createSealingIndex, createExpiryIndex],
  }
}
