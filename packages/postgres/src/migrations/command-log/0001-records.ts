// Records of commands, in a log of their own: one row each, in the order in which they were told.
import type { Migration } from '@gesta/core/ports'
import { createIndexKey } from '../log/0001-log.ts'

/** `s`: the schema, quoted. */
export function records(s: string): Migration {
  /** What cursors are bound to, and what encrypts them. */
  const createIdentity = `CREATE TABLE ${s}.identity (
  id integer PRIMARY KEY CHECK (id = 1),
  incarnation text NOT NULL,
  secret text NOT NULL
)`
  const startIdentity = `INSERT INTO ${s}.identity (id, incarnation, secret)
  SELECT 1, gen_random_uuid(), encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid(), 'UTF8')), 'hex')`

  /** record is the whole record, as codec writes it; payload and metadata are beside it for questions of one's own, if they are at all. */
  const createRecords = `CREATE TABLE ${s}.command_log (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  recorded_at bigint NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  command_id text COLLATE "C" NOT NULL,
  command_type text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  correlation_id text COLLATE "C",
  sender text COLLATE "C",
  codec text COLLATE "C" NOT NULL,
  record bytea NOT NULL,
  payload jsonb,
  metadata jsonb
)`
  /** In this order, so that a command is found without its tenant too. */
  const createCommandIndex = `CREATE UNIQUE INDEX command_log_command ON ${s}.command_log (command_id, ${s}.index_key(tenant))`
  const createCorrelationIndex = `CREATE INDEX command_log_correlation ON ${s}.command_log (correlation_id, seq) WHERE correlation_id IS NOT NULL`
  const createTypeIndex = `CREATE INDEX command_log_type ON ${s}.command_log (command_type, seq)`
  const createTimeIndex = `CREATE INDEX command_log_time ON ${s}.command_log (recorded_at, seq)`

  /** NULL for what jsonb cannot hold (NUL, lone surrogates, too many levels), and for a piece of JSON. */
  const createAsJsonb = `CREATE FUNCTION ${s}.as_jsonb(json text) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $json$
BEGIN
  RETURN json::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
  RETURN NULL;
END
$json$`

  /** Who records is given its numbers alone, so that they are in the order in which records are seen. A lock of the table would meet VACUUM. */
  const createGate = `CREATE TABLE ${s}.command_log_gate ()`
  /**
   * texts: tenant, command_id, command_type, status, correlation_id, sender, payload and metadata as JSON (NULL to keep none), record
   * after record, each command once.
   */
  const createRecord = `CREATE FUNCTION ${s}.record_commands(texts text[], times bigint[], records bytea[], of_codec text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $record$
BEGIN
  PERFORM ${s}.begin_change(true);
  LOCK TABLE ${s}.command_log_gate IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO ${s}.command_log AS l (recorded_at, tenant, command_id, command_type, status, correlation_id, sender, payload, metadata,
      codec, record)
    SELECT times[i + 1], texts[8 * i + 1], texts[8 * i + 2], texts[8 * i + 3], texts[8 * i + 4], texts[8 * i + 5], texts[8 * i + 6],
      CASE WHEN texts[8 * i + 7] IS NOT NULL THEN ${s}.as_jsonb(texts[8 * i + 7]) END,
      CASE WHEN texts[8 * i + 8] IS NOT NULL THEN ${s}.as_jsonb(texts[8 * i + 8]) END, of_codec, records[i + 1]
    FROM generate_series(0, cardinality(times) - 1) i ORDER BY i
    ON CONFLICT (command_id, ${s}.index_key(tenant)) DO UPDATE SET recorded_at = excluded.recorded_at,
      command_type = excluded.command_type, status = excluded.status, correlation_id = excluded.correlation_id,
      sender = excluded.sender, payload = excluded.payload, metadata = excluded.metadata, codec = excluded.codec,
      record = excluded.record
      WHERE l.status = 'started' AND excluded.status <> 'started';
END
$record$`

  return {
    number: 1,
    name: 'records',
    statements: [
      ...createIndexKey(s),
      createIdentity,
      startIdentity,
      createRecords,
      createCommandIndex,
      createCorrelationIndex,
      createTypeIndex,
      createTimeIndex,
      createAsJsonb,
      createGate,
      createRecord,
    ],
  }
}
