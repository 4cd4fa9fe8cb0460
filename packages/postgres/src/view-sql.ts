// The statements of one view. What changes it is one function in the server each (src/migrations/views/0002-owners.ts).

export interface ViewSql {
  /** The place of the view, of nulls for one that was never flushed; no row for a view that was removed. */
  readonly checkpoint: string
  /** Takes lists of tenants and keys. The number in the list, from 1, and the text of each row that is there. */
  readonly load: string
  /** Takes what `flushValues` gives. */
  readonly flush: string
  readonly claim: string
  readonly empty: string
  readonly askParked: string
  readonly totalParked: string
  /** One row as long as the view was not removed. */
  readonly isThere: string
}

/** `s`: the schema, quoted. */
export function viewSql(s: string, id: number): ViewSql {
  const isThere = `SELECT 1 FROM ${s}.views w WHERE w.id = ${id}`
  return {
    checkpoint: `SELECT c.incarnation, c.position, c.event_id FROM (${isThere}) w LEFT JOIN LATERAL (
      SELECT incarnation, position, event_id FROM ${s}.checkpoints WHERE view_id = ${id} ORDER BY step DESC LIMIT 1) c ON true`,
    // A question per key is answered by the index, also where the planner would rather read the whole table. What is not there, in a
    // view that is built the most, costs no row. Behind SELECT the planner does not count the keys: for thousands of them it would think
    // that compiling the statement pays, which takes longer than the answer.
    load: `SELECT f.number, f.value FROM (
      SELECT n.number, (SELECT v.value FROM ${s}.view_${id} v
        WHERE ${s}.index_key(v.tenant) = ${s}.index_key(n.tenant) AND v.key = n.key) AS value
      FROM unnest((SELECT $1::text[]), (SELECT $2::text[])) WITH ORDINALITY n(tenant, key, number) OFFSET 0
    ) f WHERE f.value IS NOT NULL`,
    flush: `SELECT ${s}.flush_view(${id}, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`,
    claim: `SELECT ${s}.claim_view(${id}, $1)`,
    empty: `SELECT ${s}.empty_view(${id})`,
    askParked: `SELECT ${s}.ask_parked(${id}, $1, $2, $3, $4, $5)`,
    totalParked: `SELECT (SELECT count(*) FROM ${s}.parked WHERE view_id = ${id} AND NOT discarded) FROM (${isThere}) w`,
    isThere,
  }
}
