// The statements of one view: its checkpoint, its rows by key, and the flush that moves both.

export interface ViewSql {
  readonly checkpoint: string
  /** Lists of tenants and keys. */
  readonly load: string
  /** Expected and next incarnation, position and event id; tenants, keys, values and contents that are put; tenants and keys that go. */
  readonly flush: string
  readonly empty: string
}

/** After so many flushes those before the last one go. */
const stepsKept = 64

/** `s`: the schema, quoted. */
export function viewSql(s: string, id: number): ViewSql {
  const table = `${s}.view_${id}`
  const sameRow = (row: string): string =>
    `${s}.index_key(v.tenant) = ${s}.index_key(${row}.tenant) AND v.key = ${row}.key`
  const last = `SELECT step, incarnation, position, event_id FROM ${s}.checkpoints WHERE view_id = ${id} ORDER BY step DESC LIMIT 1`
  // Two flushes from one checkpoint want the same next step: the second one waits for the first, and then has none. Nothing is written
  // unless the step is. What a crash of the server takes, rows and checkpoint together, is read again from the log; so no flush waits for
  // the disk.
  const flush = `WITH last AS (${last}),
    moved AS (
      INSERT INTO ${s}.checkpoints (view_id, step, incarnation, position, event_id)
      SELECT ${id}, coalesce(l.step, 0) + 1, $4, $5::bigint, $6
      FROM (SELECT set_config('synchronous_commit', 'off', true)) pinned LEFT JOIN last l ON true
      WHERE CASE WHEN l.position IS NULL THEN $2::bigint = 0
        ELSE l.incarnation = $1::text AND l.position = $2::bigint AND l.event_id = $3::text END
      ON CONFLICT DO NOTHING RETURNING step
    ),
    put AS (
      INSERT INTO ${table} (tenant, key, value, content)
      SELECT n.tenant, n.key, n.value, n.content::jsonb
      FROM unnest($7::text[], $8::text[], $9::text[], $10::text[]) n(tenant, key, value, content)
      WHERE EXISTS (SELECT FROM moved)
      ON CONFLICT (${s}.index_key(tenant), key) DO UPDATE SET value = excluded.value, content = excluded.content
    ),
    gone AS (
      DELETE FROM ${table} v USING unnest($11::text[], $12::text[]) n(tenant, key)
      WHERE ${sameRow('n')} AND EXISTS (SELECT FROM moved)
    ),
    passed AS (
      DELETE FROM ${s}.checkpoints c USING moved m
      WHERE c.view_id = ${id} AND c.step < m.step AND m.step % ${stepsKept} = 0
    )
    SELECT count(*) FROM moved`
  return {
    checkpoint: `SELECT incarnation, position, event_id FROM (${last}) l WHERE position IS NOT NULL`,
    load: `SELECT v.value FROM unnest($1::text[], $2::text[]) WITH ORDINALITY n(tenant, key, number)
      LEFT JOIN ${table} v ON ${sameRow('n')} ORDER BY n.number`,
    flush,
    empty: `SELECT ${s}.empty_view(${id})`,
  }
}
