// Leases: the last one of each name. One that ended stays, for its token.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function leases(s: string): Migration {
  /** expires_at is microseconds UTC, and 0 for a lease that was given up. */
  const createLeases = `CREATE TABLE ${s}.leases (
  name text COLLATE "C" PRIMARY KEY,
  owner text COLLATE "C" NOT NULL,
  fencing_token bigint NOT NULL,
  expires_at bigint NOT NULL
)`

  return { number: 1, name: 'leases', statements: [createLeases] }
}
