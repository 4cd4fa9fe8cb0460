// Rows of the outbox as what the port calls them, and the statements that read them.
import type { HeldMessage, OutboxMessage } from '@gesta/core/ports'
import type { Row } from './driver.ts'

export interface OutboxSql {
  readonly cursor: string
  /** Exclusive commit number, limit, bytes. */
  readonly after: string
  /** Time, limit, bytes. */
  readonly due: string
  readonly nextDue: string
  /** Lists of tenants and keys. */
  readonly waitingKeys: string
  /** Inclusive positions; exclusive commit number and index, limit. */
  readonly sentPlaces: string
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

export const messageColumns =
  'o.commit_no, o.idx, c.tenant, c.command_id, o.key, o.type, o.schema_version, o.data, c.context, c.recorded_at'
export const heldColumns: string = `${messageColumns}, h.is_dead, h.attempts, h.due_at, h.last_error, h.last_attempt_at`

/** `s`: the schema, quoted. */
export function outboxSql(s: string): OutboxSql {
  const cursor = `SELECT commit_no FROM ${s}.outbox_steps ORDER BY step DESC LIMIT 1`
  /** OFFSET keeps the planner from another way than one look for each message. */
  const commitOf = (row: string): string =>
    `CROSS JOIN LATERAL (SELECT * FROM ${s}.commits WHERE commit_no = ${row}.commit_no OFFSET 0) c`
  const bytesBefore = (order: string): string =>
    `sum(octet_length(o.data)) OVER (ORDER BY ${order} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`
  const fits = (bytes: string): string => `p.bytes_before IS NULL OR p.bytes_before < ${bytes}`
  /** The number of a position's commit; those without events have the position of what is before them, 0 at first. */
  const firstOfPosition = (position: string): string =>
    `CASE WHEN ${position}::bigint > 0 THEN (SELECT commit_no FROM ${s}.events WHERE position = ${position}::bigint) ELSE 0 END`

  return {
    cursor,
    // The last commit that the page reaches is looked for without reading the data; up to there it is read.
    after: `SELECT ${messageColumns} FROM (
        SELECT * FROM ${s}.outbox WHERE commit_no > $1 AND commit_no <= (
          SELECT max(p.commit_no) FROM (
            SELECT o.commit_no, ${bytesBefore('o.commit_no, o.idx')} AS bytes_before
            FROM ${s}.outbox o WHERE o.commit_no > $1 ORDER BY o.commit_no, o.idx LIMIT $2
          ) p WHERE ${fits('$3::bigint')}
        ) ORDER BY commit_no, idx OFFSET 0
      ) o ${commitOf('o')} ORDER BY o.commit_no, o.idx`,
    due: `SELECT ${heldColumns} FROM (
        SELECT f.commit_no, f.idx, ${bytesBefore('f.commit_no, f.idx')} AS bytes_before FROM (
          SELECT commit_no, idx FROM ${s}.held_messages WHERE is_first AND due_at <= $1 ORDER BY commit_no, idx LIMIT $2
        ) f JOIN ${s}.outbox o ON o.commit_no = f.commit_no AND o.idx = f.idx
      ) p JOIN ${s}.held_messages h ON h.commit_no = p.commit_no AND h.idx = p.idx
      JOIN ${s}.outbox o ON o.commit_no = p.commit_no AND o.idx = p.idx ${commitOf('p')}
      WHERE ${fits('$3::bigint')} ORDER BY p.commit_no, p.idx`,
    nextDue: `SELECT min(due_at) FROM ${s}.held_messages WHERE is_first`,
    waitingKeys: `SELECT n.number - 1 FROM unnest($1::text[], $2::text[]) WITH ORDINALITY n(tenant, key, number)
      CROSS JOIN LATERAL (
        SELECT FROM ${s}.held_messages h WHERE ${s}.index_key(h.tenant) = ${s}.index_key(n.tenant)
          AND ${s}.index_key(h.key) = ${s}.index_key(n.key) AND NOT h.is_dead LIMIT 1
      ) w`,
    sentPlaces: `SELECT o.commit_no, o.idx FROM ${s}.outbox o
      WHERE o.commit_no >= (${firstOfPosition('$1')}) AND o.commit_no <= (${cursor})
        AND o.commit_no < coalesce((SELECT commit_no FROM ${s}.events WHERE position = $2::bigint + 1), 9223372036854775807)
        AND (o.commit_no, o.idx) > ($3::bigint, $4::bigint)
        AND NOT EXISTS (SELECT FROM ${s}.held_messages h WHERE h.commit_no = o.commit_no AND h.idx = o.idx)
      ORDER BY o.commit_no, o.idx LIMIT $5`,
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
