// Rows of the outbox as what the port calls them, and the statements that read them.
import type { HeldMessage, OutboxMessage } from '@gesta/core/ports'
import type { Row } from './driver.ts'

export interface OutboxSql {
  readonly cursor: string
  /** Exclusive commit number, limit, bytes. */
  readonly after: string
  /** Commit number, exclusive index. */
  readonly rest: string
  /** Time, limit, bytes. */
  readonly due: string
  readonly nextDue: string
  /** Lists of tenants and keys. */
  readonly waitingKeys: string
  /** Inclusive positions; the numbers of the first commit and of the one behind the last. */
  readonly commitsOf: string
  /** Exclusive place, exclusive commit number, limit. */
  readonly places: string
  /** Cursor, waiting, dead, messages after the cursor (at most `pendingMax`), and when the oldest one that is to be sent was recorded. */
  readonly extent: string
  readonly settle: string
  readonly requeue: string
  readonly resend: string
  readonly discard: string
  readonly prune: string
}

/** Messages after the cursor that are counted; a relay that is further behind is told to be at least so far. */
export const pendingMax = 10_000

const messageColumns =
  'o.commit_no, o.idx, c.tenant, c.command_id, o.key, o.type, o.schema_version, o.data, c.context, c.recorded_at'
export const heldColumns: string = `${messageColumns}, h.is_dead, h.attempts, h.due_at, h.last_error, h.last_attempt_at`

/** `s`: the schema, quoted. */
export function outboxSql(s: string): OutboxSql {
  const cursor = `SELECT commit_no FROM ${s}.outbox_steps ORDER BY step DESC LIMIT 1`
  // LIMIT keeps the planner from any other way than one look for each row, whatever it knows of the tables.
  const at = (table: string, row: string, name: string): string =>
    `CROSS JOIN LATERAL (SELECT * FROM ${s}.${table} WHERE commit_no = ${row}.commit_no AND idx = ${row}.idx LIMIT 1) ${name}`
  const commitOf = (row: string): string =>
    `CROSS JOIN LATERAL (SELECT * FROM ${s}.commits WHERE commit_no = ${row}.commit_no LIMIT 1) c`
  const inOrder = 'ORDER BY commit_no, idx'
  const bytesBefore = (data: string): string =>
    `sum(octet_length(${data})) OVER (${inOrder} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before`
  const fits = (row: string): string => `(${row}.bytes_before IS NULL OR ${row}.bytes_before < $3::bigint)`
  const messages = (from: string): string =>
    `SELECT ${messageColumns} FROM (${from}) o ${commitOf('o')} ORDER BY o.commit_no, o.idx`

  return {
    cursor,
    after: messages(`SELECT * FROM (
        SELECT *, ${bytesBefore('data')} FROM ${s}.outbox WHERE commit_no > $1 ${inOrder} LIMIT $2
      ) p WHERE ${fits('p')}`),
    rest: messages(`SELECT * FROM ${s}.outbox WHERE commit_no = $1 AND idx > $2 ${inOrder}`),
    due: `SELECT ${heldColumns} FROM (
        SELECT f.*, ${bytesBefore('data')} FROM (
          SELECT commit_no, idx FROM ${s}.held_messages WHERE is_first AND due_at <= $1 ${inOrder} LIMIT $2
        ) f CROSS JOIN LATERAL (SELECT data FROM ${s}.outbox WHERE commit_no = f.commit_no AND idx = f.idx LIMIT 1) d
      ) p ${at('held_messages', 'p', 'h')} ${commitOf('p')} ${at('outbox', 'p', 'o')} WHERE ${fits('p')} ORDER BY p.commit_no, p.idx`,
    nextDue: `SELECT min(due_at) FROM ${s}.held_messages WHERE is_first`,
    waitingKeys: `SELECT n.number - 1 FROM unnest($1::text[], $2::text[]) WITH ORDINALITY n(tenant, key, number)
      CROSS JOIN LATERAL (
        SELECT FROM ${s}.held_messages h WHERE ${s}.index_key(h.tenant) = ${s}.index_key(n.tenant)
          AND ${s}.index_key(h.key) = ${s}.index_key(n.key) AND NOT h.is_dead LIMIT 1
      ) w`,
    // Commits without events have the position of what is before them, 0 at first.
    commitsOf: `SELECT CASE WHEN $1::bigint > 0 THEN (SELECT commit_no FROM ${s}.events WHERE position = $1::bigint) ELSE 0 END,
        (SELECT commit_no FROM ${s}.events WHERE position = $2::bigint + 1)`,
    places: `SELECT commit_no, idx FROM ${s}.outbox
      WHERE (commit_no, idx) > ($1::bigint, $2::bigint) AND commit_no < $3 ORDER BY commit_no, idx LIMIT $4`,
    extent: `SELECT k.commit_no, k.waiting, k.dead,
        (SELECT count(*) FROM (SELECT FROM ${s}.outbox WHERE commit_no > k.commit_no LIMIT ${pendingMax}) pending),
        (SELECT recorded_at FROM ${s}.commits WHERE commit_no = coalesce(
          k.first_waiting, (SELECT min(o.commit_no) FROM ${s}.outbox o WHERE o.commit_no > k.commit_no)
        ))
      FROM (
        SELECT (${cursor}) AS commit_no, count(*) FILTER (WHERE NOT h.is_dead) AS waiting,
          count(*) FILTER (WHERE h.is_dead) AS dead, min(h.commit_no) FILTER (WHERE NOT h.is_dead) AS first_waiting
        FROM ${s}.held_messages h
      ) k`,
    settle: `SELECT ${s}.settle_outbox($1, $2, $3, $4, $5, $6, $7, $8)`,
    requeue: `SELECT ${s}.requeue_messages($1, $2)`,
    resend: `SELECT ${s}.resend_messages($1, $2)`,
    discard: `SELECT ${s}.discard_messages($1)`,
    prune: `SELECT ${s}.prune_messages($1, $2)`,
  }
}

/** From `messageColumns`. */
export function toMessage(row: Row): OutboxMessage {
  return {
    commitNo: row[0],
    index: row[1],
    tenant: row[2],
    commandId: row[3],
    key: row[4],
    type: row[5],
    schemaVersion: row[6],
    data: row[7],
    context: row[8],
    recordedAt: row[9],
  } as OutboxMessage
}

/** From `heldColumns`. */
export function toHeld(row: Row): HeldMessage {
  const [isDead, attempts, dueAt, lastError, lastAttemptAt] = row.slice(10)
  return {
    ...toMessage(row),
    state: isDead === true ? 'dead' : 'waiting',
    attempts: Number(attempts),
    dueAt: Number(dueAt),
    ...(typeof lastError === 'string' && { lastError }),
    ...(typeof lastAttemptAt === 'number' && { lastAttemptAt }),
  }
}
