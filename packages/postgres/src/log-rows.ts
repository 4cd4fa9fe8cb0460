// Rows of the log as what the ports call them, and the statements that read and change them.
import { decodeDetail, recordOf } from '@gesta/core/ports'
import type { CommandRecord, LogIdentity, OutcomeKind, StoredEvent, StoredHeader } from '@gesta/core/ports'
import type { Row } from './driver.ts'

export interface LogSql {
  readonly append: string
  /** Stream: tenant, type, id; exclusive version, limit, bytes. */
  readonly streamForwards: string
  readonly streamBackwards: string
  /** On the primary only. Lists of tenants, types and ids; exclusive version, limit. The last column is the number of the stream in the lists, from 1. */
  readonly tails: string
  /** Exclusive position, limit, bytes. The last column is the last position of the event's commit. */
  readonly allAfter: string
  /** Exclusive position, inclusive position. */
  readonly between: string
  /** On the primary only. Lists of tenants, types and ids. */
  readonly versions: string
  readonly header: string
  /** The last column is the fingerprint that was stored with the key. */
  readonly headerByKey: string
  readonly headerOfNumber: string
  readonly firstVersions: string
  readonly parts: string
  /** Tenant, command id, index. */
  readonly event: string
  /** Tenant, command id; a row of `recordColumns`, if the command log has it. */
  readonly record: string
  /** Events, commits. */
  readonly extent: string
  /** Tenant, command id, index, data; then the arguments of `append`. */
  readonly rewrite: string
  /** Tenant, command id, new detail: NULL leaves a record without one as it is. */
  readonly redact: string
  /** Scope, tenant, outcomes, time, limit, exclusive commit number. */
  readonly purge: string
  /** Time, limit, first and exclusive last block of the table, last commit that is looked at. */
  readonly pruneKeys: string
  /** Time. Blocks of the table of keys, and the last commit before the time, as far as commits are in the order of time. */
  readonly keyBlocks: string
  /** Incarnation, secret. */
  readonly reset: string
  readonly fork: string
}

export const eventColumns =
  'e.position, e.commit_no, c.command_id, e.idx, e.tenant, e.aggregate_type, e.aggregate_id, e.version, e.type, e.schema_version, e.data, c.context, c.recorded_at'
const headerOf = (answer: string): string =>
  `c.tenant, c.command_id, c.command_type, c.outcome, ${answer}, c.version, c.fingerprint, c.commit_no, c.position, c.event_count, c.recorded_at, c.context`
const headerColumns: string = headerOf('c.answer')
/** A header without its answer, payload and detail. */
export const recordColumns: string = `${headerOf('NULL::text')}, c.payload, c.detail`
/** The commits that the command log shows: those that it was not told to forget. */
export const isRecorded = "c.detail IS DISTINCT FROM ''"

/** `s`: the schema, quoted. */
export function logSql(s: string): LogSql {
  const key = (column: string, value: string): string => `${s}.index_key(${column}) = ${s}.index_key(${value})`
  const isStream = `${key('e.tenant', '$1')} AND e.aggregate_type = $2 AND ${key('e.aggregate_id', '$3')}`
  /** Events up to a number of rows and of bytes, but at least one. Lengths are read without the texts. */
  const page = (where: string, order: string, limit: string, bytes: string): string =>
    `SELECT p.* FROM (
      SELECT e.*, sum(octet_length(e.data)) OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
      FROM ${s}.events e WHERE ${where} ORDER BY ${order} LIMIT ${limit}
    ) p WHERE p.bytes_before IS NULL OR p.bytes_before < ${bytes}`
  // OFFSET keeps each commit a look into its index: a new table has no statistics yet, and the planner would read all commits.
  const commitOf = `SELECT * FROM ${s}.commits c WHERE c.commit_no = e.commit_no OFFSET 0`
  const joined = (events: string, order: string, more = ''): string =>
    `SELECT ${eventColumns}${more} FROM (${events}) e CROSS JOIN LATERAL (${commitOf}) c ORDER BY ${order}`
  const stream = (after: string, order: string): string =>
    joined(page(`${isStream} AND ${after}`, order, '$5', '$6::bigint'), order)
  const isCommand = `${key('c.tenant', '$1')} AND c.command_id = $2`
  const header = (from: string, where: string, more = ''): string =>
    `SELECT ${headerColumns}${more} FROM ${from} WHERE ${where}`
  const keyAndCommit = `${s}.idempotency i JOIN ${s}.commits c ON c.commit_no = i.commit_no`
  const part = (table: string, columns: string): string =>
    `SELECT '${table}', p.idx, p.type, p.data, ${columns}, null FROM ${s}.${table} p WHERE p.commit_no = (SELECT commit_no FROM asked)`

  return {
    append: `SELECT ${s}.append(${placeholders(1, 16)})`,
    streamForwards: stream('e.version > $4', 'e.version'),
    streamBackwards: stream('e.version < $4', 'e.version DESC'),
    tails: `SELECT ${eventColumns}, n.number
      FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY n(tenant, type, id, number)
      CROSS JOIN LATERAL (
        SELECT * FROM ${s}.events e
        WHERE ${key('e.tenant', 'n.tenant')} AND e.aggregate_type = n.type AND ${key('e.aggregate_id', 'n.id')} AND e.version < $4
        ORDER BY e.version DESC LIMIT $5
      ) e CROSS JOIN LATERAL (${commitOf}) c WHERE ${s}.on_primary() ORDER BY n.number, e.version DESC`,
    allAfter: joined(page('e.position > $1', 'e.position', '$2', '$3::bigint'), 'e.position', ', c.position'),
    between: joined(`SELECT * FROM ${s}.events e WHERE e.position > $1 AND e.position <= $2`, 'e.position'),
    versions: `SELECT coalesce((SELECT e.version FROM ${s}.events e
        WHERE ${key('e.tenant', 'n.tenant')} AND e.aggregate_type = n.type AND ${key('e.aggregate_id', 'n.id')}
        ORDER BY e.version DESC LIMIT 1), 0)
      FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY n(tenant, type, id, number)
      WHERE ${s}.on_primary() ORDER BY n.number`,
    header: header(`${s}.commits c`, isCommand),
    headerByKey: header(
      keyAndCommit,
      `${key('i.tenant', '$1')} AND ${key('i.sender', '$2')} AND i.command_type = $3 AND ${key('i.key', '$4')}`,
      ', i.fingerprint',
    ),
    headerOfNumber: header(`${s}.commits c`, 'c.commit_no = $1'),
    firstVersions: `SELECT min(version) FROM ${s}.events WHERE position > $1 AND position <= $2
      GROUP BY aggregate_type, aggregate_id ORDER BY min(position)`,
    parts: `WITH asked AS (SELECT c.commit_no FROM ${s}.commits c WHERE ${isCommand})
      SELECT 'commit' AS kind, 0 AS idx, null, null, null, null, null FROM asked
      UNION ALL ${part('outbox', 'p.key, p.schema_version::text')}
      UNION ALL ${part('jobs', 'p.terms, null')}
      UNION ALL SELECT 'audit', a.idx, a.action, a.data, a.actor, a.resource, a.outcome FROM ${s}.audit_log a
        WHERE a.command_id = $2 AND hashtextextended(a.tenant, 0) = hashtextextended($1::text COLLATE "C", 0) AND a.tenant = $1
      ORDER BY kind, idx`,
    event: `SELECT ${eventColumns} FROM ${s}.commits c JOIN ${s}.events e ON e.position = c.position - c.event_count + $3::integer + 1
      WHERE ${isCommand} AND $3::integer < c.event_count`,
    record: `SELECT ${recordColumns} FROM ${s}.commits c WHERE ${isCommand} AND ${isRecorded}`,
    extent: `SELECT (SELECT coalesce(max(position), 0) FROM ${s}.events), (SELECT coalesce(max(commit_no), 0) FROM ${s}.commits)`,
    rewrite: `SELECT ${s}.rewrite($1, $2, $3, $4, ${placeholders(5, 16)})`,
    redact: `UPDATE ${s}.commits c SET payload = NULL, detail = $3 FROM ${s}.begin_change(true) WHERE ${isCommand} AND c.detail <> ''`,
    purge: `SELECT ${s}.purge_commands($1, $2, $3, $4, $5, $6)`,
    // Without an index by age, which every key would pay for, all keys are looked at, some blocks of their table at a time. Each look at
    // a commit is one into its index, and none is taken for the keys of young commits, which most are.
    pruneKeys: `WITH gone AS (DELETE FROM ${s}.idempotency WHERE ctid = ANY (ARRAY(
        SELECT i.ctid FROM ${s}.idempotency i
        CROSS JOIN LATERAL (SELECT c.recorded_at FROM ${s}.commits c WHERE c.commit_no = i.commit_no OFFSET 0) c
        WHERE i.ctid >= format('(%s,0)', $3::bigint)::tid AND i.ctid < format('(%s,0)', $4::bigint)::tid
          AND i.commit_no <= $5 AND c.recorded_at < $1 LIMIT $2
      )) RETURNING 1) SELECT count(*) FROM gone`,
    keyBlocks: `WITH RECURSIVE halves (low, high) AS (
        SELECT 0::bigint, coalesce(max(commit_no), 0) + 1 FROM ${s}.commits
        UNION ALL SELECT CASE WHEN is_old THEN middle ELSE low END, CASE WHEN is_old THEN high ELSE middle END
        FROM halves CROSS JOIN LATERAL (SELECT (low + high) / 2 AS middle) m
        CROSS JOIN LATERAL (SELECT (SELECT c.recorded_at FROM ${s}.commits c WHERE c.commit_no = middle) < $1 AS is_old) o
        WHERE high - low > 1
      ) SELECT pg_relation_size('${s}.idempotency') / current_setting('block_size')::bigint, max(low) FROM halves`,
    reset: `SELECT ${s}.reset($1, $2), ${s}.reset_outbox(), ${s}.reset_jobs()`,
    fork: `UPDATE ${s}.log SET incarnation = $1 FROM ${s}.begin_change(true)`,
  }
}

function placeholders(first: number, count: number): string {
  return Array.from({ length: count }, (_, at) => `$${first + at}`).join(', ')
}

export function toEvent(row: Row): StoredEvent {
  // By number, because taking an array apart by a pattern costs as much as the rest of reading a page.
  return {
    position: row[0],
    commitNo: row[1],
    commandId: row[2],
    index: row[3],
    tenant: row[4],
    aggregateType: row[5],
    aggregateId: row[6],
    version: row[7],
    type: row[8],
    schemaVersion: row[9],
    data: row[10],
    context: row[11],
    recordedAt: row[12],
  } as StoredEvent
}

export function toHeader(row: Row): StoredHeader {
  const [
    tenant,
    commandId,
    commandType,
    outcome,
    answer,
    version,
    fingerprint,
    commitNo,
    position,
    eventCount,
    recordedAt,
    context,
  ] = row
  return {
    tenant,
    commandId,
    commandType,
    outcome: outcome as OutcomeKind,
    answer: answer ?? undefined,
    version: version ?? undefined,
    fingerprint: fingerprint ?? undefined,
    commitNo,
    position,
    eventCount,
    recordedAt,
    context,
  } as StoredHeader
}

/** From `recordColumns`. */
export function toRecord(row: Row, identity: LogIdentity): CommandRecord {
  return recordOf(toHeader(row), decodeDetail(...detailOf(row)), identity)
}

/** The detail as it was encoded, and the payload. */
export function detailOf(row: Row): readonly [detail: string | undefined, payload: string | undefined] {
  const [payload, detail] = row.slice(12, 14)
  return [detail ?? undefined, payload ?? undefined] as readonly [string | undefined, string | undefined]
}
