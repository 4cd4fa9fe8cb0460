// What the command log keeps beside a header: two columns that nothing but the command log reads, and how they are emptied again.
//
// - They are added, and so are the functions that fill them: a process of the version before goes on with the functions that it knows,
//   and what it stores has no detail.
// - Forgetting takes no head lock. Appends add rows and read neither column, and a forgotten row keeps its number, its place in all
//   indexes and its context. An append waits for it only when it repeats one of the very commands that are just forgotten.
import type { Migration } from '@gesta/core/ports'
import { createAppend } from './0002-append.ts'
import { createRewrite, resetFunction } from './0003-rewrite.ts'

/** Commits that one step of a purge looks at: short enough for a statement, and as much disorder of clocks as a purge allows for. */
const commitsPerStep = 10_000

/** `s`: the schema, quoted. */
export function commandDetail(s: string): Migration {
  /** Both NULL: stored without. detail '': forgotten. No default, so no row is written for it. */
  const addColumns = `ALTER TABLE ${s}.commits ADD COLUMN payload text, ADD COLUMN detail text`

  /** details: payload and detail of each commit in turn; an empty list for a group without any. */
  const createAppendWithDetails = createAppend(s, {
    argument: 'details text[]',
    columns: 'payload, detail',
    values: 'details[2 * c + 1], details[2 * c + 2]',
  })
  const createRewriteWithDetails = createRewrite(
    s,
    'text[], bigint[], text[], bigint[], text[], bigint[], text[], bigint[], text[], boolean, boolean, text, integer',
  )

  /**
   * How far purges of a scope (a tenant, outcomes) have come: up to commit_no they have nothing left to do, whatever its age. purged
   * is how many they have forgotten, so that what is left is known without counting. Whoever purges a scope locks its row.
   */
  const createPurges = `CREATE TABLE ${s}.purges (
  scope text COLLATE "C" PRIMARY KEY,
  commit_no bigint NOT NULL,
  purged bigint NOT NULL
)`
  /**
   * One step through the log, behind from_no. Returns how many it has forgotten, and behind which number to go on: NULL when at_most is
   * reached, at the end of the log, and when nothing that was looked at was old.
   */
  const createPurge = `CREATE FUNCTION ${s}.purge_commands(
  of_scope text, of_tenant text, of_outcomes text[], before bigint, at_most bigint, from_no bigint
) RETURNS bigint[] LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $purge$
DECLARE
  done_no bigint;
  forgotten bigint;
  looked_at bigint;
  last_no bigint;
  has_old boolean;
  first_left bigint;
BEGIN
  PERFORM ${s}.begin_change(true);
  INSERT INTO ${s}.purges AS p (scope, commit_no, purged) VALUES (of_scope, 0, 0)
    ON CONFLICT (scope) DO UPDATE SET purged = p.purged RETURNING p.commit_no INTO done_no;
  from_no := greatest(from_no, done_no);
  WITH looked AS MATERIALIZED (
    SELECT c.commit_no, c.recorded_at < before AS is_old,
      c.detail IS DISTINCT FROM '' AND c.outcome = ANY (of_outcomes) AND (of_tenant IS NULL OR c.tenant = of_tenant) AS is_asked
    FROM ${s}.commits c WHERE c.commit_no > from_no ORDER BY c.commit_no LIMIT ${commitsPerStep}
  ), old AS MATERIALIZED (
    SELECT l.commit_no FROM looked l WHERE l.is_old AND l.is_asked ORDER BY l.commit_no LIMIT at_most
  ), gone AS (
    UPDATE ${s}.commits c SET payload = NULL, detail = '' FROM old
      WHERE c.commit_no = old.commit_no AND c.detail IS DISTINCT FROM '' RETURNING c.commit_no
  )
  SELECT (SELECT count(*) FROM gone), count(*), max(l.commit_no), bool_or(l.is_old),
      min(l.commit_no) FILTER (WHERE l.is_asked AND NOT (l.is_old AND l.commit_no <= (SELECT max(old.commit_no) FROM old)))
    INTO forgotten, looked_at, last_no, has_old, first_left FROM looked l;
  UPDATE ${s}.purges p SET purged = p.purged + forgotten,
      commit_no = CASE WHEN from_no = done_no THEN coalesce(first_left - 1, last_no, done_no) ELSE done_no END
    WHERE p.scope = of_scope;
  RETURN ARRAY[forgotten, CASE WHEN forgotten < at_most AND looked_at = ${commitsPerStep} AND has_old THEN last_no END];
END
$purge$`
  const replaceReset = `CREATE OR REPLACE ${resetFunction(
    s,
    `DELETE FROM ${s}.purges;
  INSERT INTO ${s}.purges (scope, commit_no, purged) SELECT '', 0, count(*) FROM ${s}.commits WHERE detail = ''`,
  )}`

  return {
    number: 4,
    name: 'command-detail',
    statements: [
      addColumns,
      createAppendWithDetails,
      createRewriteWithDetails,
      createPurges,
      createPurge,
      replaceReset,
    ],
  }
}
