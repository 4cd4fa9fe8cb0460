// Lines of the application's logger, and how long they are kept.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function lines(s: string): Migration {
  /** level is its place among the levels, from 0 for trace; at is microseconds UTC; fields is exact JSON text. */
  const createLines = `CREATE TABLE ${s}.lines (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at bigint NOT NULL,
  level smallint NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  trace_id text COLLATE "C",
  text text NOT NULL,
  fields text
)`
  const createTimeIndex = `CREATE INDEX lines_time ON ${s}.lines (at)`
  const createTraceIndex = `CREATE INDEX lines_trace ON ${s}.lines (trace_id) WHERE trace_id IS NOT NULL`
  const createTenantIndex = `CREATE INDEX lines_tenant ON ${s}.lines (${s}.index_key(tenant), id)`

  /** kept_ms is NULL when lines are kept until they are purged. */
  const createRetention = `CREATE TABLE ${s}.retention (id integer PRIMARY KEY CHECK (id = 1), kept_ms bigint)`
  const startRetention = `INSERT INTO ${s}.retention (id, kept_ms) VALUES (1, NULL)`

  /** Who appends is given its ids alone, so that ids are in the order in which lines are seen. A lock of lines itself would meet VACUUM. */
  const createGate = `CREATE TABLE ${s}.line_gate ()`
  const createAppend = `CREATE FUNCTION ${s}.append_lines(texts text[], numbers bigint[], now_us bigint) RETURNS void
LANGUAGE plpgsql VOLATILE AS $append$
BEGIN
  PERFORM ${s}.begin_change(false), set_config('synchronous_commit', 'off', true);
  LOCK TABLE ${s}.line_gate IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO ${s}.lines (level, at, tenant, text, trace_id, fields)
    SELECT numbers[2 * i + 1], numbers[2 * i + 2], texts[4 * i + 1], texts[4 * i + 2], texts[4 * i + 3], texts[4 * i + 4]
    FROM generate_series(0, cardinality(numbers) / 2 - 1) i ORDER BY i;
  PERFORM ${s}.remove_old_lines(now_us);
END
$append$`
  const createRemoveOld = `CREATE FUNCTION ${s}.remove_old_lines(now_us bigint) RETURNS void LANGUAGE sql VOLATILE AS $old$
  DELETE FROM ${s}.lines WHERE at < (SELECT now_us - kept_ms * 1000 FROM ${s}.retention)
$old$`

  return {
    number: 1,
    name: 'lines',
    statements: [
      createLines,
      createTimeIndex,
      createTraceIndex,
      createTenantIndex,
      createRetention,
      startRetention,
      createGate,
      createRemoveOld,
      createAppend,
    ],
  }
}
