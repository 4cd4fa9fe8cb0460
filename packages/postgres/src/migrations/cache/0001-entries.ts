// Cache entries, in a table without a write-ahead log: a server that crashes starts with an empty cache, and nothing depends on one.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function entries(s: string): Migration {
  /** value is exact JSON text; bytes is what the entry counts against the bound; ids are in the order of writing. */
  const createEntries = `CREATE UNLOGGED TABLE ${s}.entries (
  id bigint GENERATED ALWAYS AS IDENTITY,
  tenant text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  bytes integer NOT NULL,
  expires_at timestamptz,
  value text NOT NULL
) WITH (fillfactor = 85)`
  const createKeyIndex = `CREATE UNIQUE INDEX entries_key ON ${s}.entries (${s}.index_key(tenant), key)`
  const createAgeIndex = `CREATE INDEX entries_age ON ${s}.entries (id)`
  const createExpiryIndex = `CREATE INDEX entries_expiry ON ${s}.entries (expires_at) WHERE expires_at IS NOT NULL`

  /** What is expired goes first, then what was written the longest ago. */
  const createMakeRoom = `CREATE FUNCTION ${s}.make_room(bytes_max bigint) RETURNS void LANGUAGE plpgsql VOLATILE AS $room$
BEGIN
  DELETE FROM ${s}.entries WHERE expires_at <= clock_timestamp();
  DELETE FROM ${s}.entries e USING (
    SELECT id, sum(bytes) OVER (ORDER BY id DESC) AS bytes_since FROM ${s}.entries
  ) aged WHERE aged.id = e.id AND aged.bytes_since > bytes_max;
END
$room$`

  return {
    number: 1,
    name: 'entries',
    statements: [createEntries, createKeyIndex, createAgeIndex, createExpiryIndex, createMakeRoom],
  }
}
