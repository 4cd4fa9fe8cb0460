// Appending a group, as one function in the server: one round trip, one verdict per commit. It is the only statement of its transaction.
//
// - The head lock comes first. It is the lock of a table, so it ends with the transaction and nothing else can mean it by accident. The
//   weakest mode that excludes itself is also the cheapest one: a stronger one would look at the locks of every connection.
// - Everything else is read under the lock. In READ COMMITTED each statement of a volatile function has a snapshot of its own, so they
//   all see what was committed before the lock was taken, whatever snapshot the calling statement has. Hence the first check.
// - `set_config` with `true` holds until the end of the transaction, and so for its COMMIT. The settings of the function itself would not.
// - A commit is added only when all of it is in order. The first look is at versions alone, with one statement for the whole group;
//   ids and keys that are there already are refused by the unique indexes, and then the caller asks again with `careful`. Commits of a
//   group do not touch each other (core sees to it), so no verdict depends on another one.
// - The last version of a stream is looked for behind one that it probably has, because PostgreSQL reads all matching entries of a page of
//   the index before it gives the first one. Where that was wrong all of them are looked for again, without it.
// - Plans are made once, and without knowing how many rows there are: a plan made for a small table would read a grown one from end to end.
import type { Migration } from '@gesta/core/ports'

/**
 * `s`: the schema, quoted. The arguments are lists, row after row; ordinals count from 1.
 *
 * | list | columns |
 * |---|---|
 * | commit_texts | tenant, command_id, command_type, outcome, correlation_id, fingerprint, answer, context, sender, key, key's fingerprint |
 * | commit_numbers | recorded_at, version, event_count, commits before it in the group, events before it in the group |
 * | stream_texts | aggregate_type, aggregate_id |
 * | stream_numbers | ordinal of its commit, expected version (-1: any, -2: exists), a version that it probably has; streams that are only read stand behind those that are written |
 * | event_texts | type, data |
 * | event_numbers | ordinal of its stream, number in the stream's new events from 1, idx, schema_version |
 * | part_texts | key of a message, type or action, data |
 * | part_numbers | 1 outbox, 2 jobs, 3 audit; ordinal of its commit, idx, schema_version |
 *
 * Returns the log's last commit_no and position as they were, then the version of each stream, then for each commit that was not
 * stored: its ordinal; 1 same command, 2 same key, 3 conflict; the commit_no that has it, or the ordinal of the stream.
 */
export function append(s: string): Migration {
  return { number: 2, name: 'append', statements: [createAppend(s)] }
}

/** What a later form of the function takes and stores beside. */
export interface MoreOfCommits {
  readonly argument: string
  readonly columns: string
  /** Of the commit `c`, from 0. */
  readonly values: string
  /** The tenant of the stream `i`, from 0, where it is another one than that of its commit; NULL where it is not. */
  readonly streamTenant?: string
  /** A statement that stores the audit entries; default: they are parts like messages and jobs. */
  readonly addAudit?: string
  /** Jobs have terms, in place of the key of a message. */
  readonly jobTerms?: boolean
}

/** The statement that makes the function. */
export function createAppend(s: string, more?: MoreOfCommits): string {
  const after = (sql: string | undefined): string => (sql === undefined ? '' : `, ${sql}`)
  const commit = (column: number): string => `commit_texts[11 * c + ${column}]`
  const number = (column: number): string => `commit_numbers[5 * c + ${column}]`
  /** The commit of event `e`, from 0, through its stream. */
  const ofEvent = `(stream_numbers[3 * event_numbers[4 * e + 1] - 2] - 1)`

  const ofCommit = 'commit_texts[11 * stream_numbers[3 * i + 1] - 10]'
  const ofStream = more?.streamTenant === undefined ? ofCommit : `coalesce(${more.streamTenant}, ${ofCommit})`
  const readVersions = (least: string, absent: string): string => `SELECT coalesce((
      SELECT e.version FROM ${s}.events e
      WHERE ${s}.index_key(e.tenant) = ${s}.index_key(${ofStream})
        AND e.aggregate_type = stream_texts[2 * i + 1]
        AND ${s}.index_key(e.aggregate_id) = ${s}.index_key(stream_texts[2 * i + 2])
        AND e.version >= ${least}
      ORDER BY e.version DESC LIMIT 1), ${absent})
    FROM generate_series(0, cardinality(stream_numbers) / 3 - 1) i`
  const probable = 'stream_numbers[3 * i + 3]'
  const findUnmet = `SELECT i FROM generate_series(1, cardinality(versions)) i
    WHERE NOT (stream_numbers[3 * i - 1] IN (-1, versions[i]) OR (stream_numbers[3 * i - 1] = -2 AND versions[i] > 0))`

  const findRefused = `SELECT unnest(ARRAY[c + 1, CASE WHEN same_id IS NOT NULL THEN 1 WHEN same_key IS NOT NULL THEN 2 ELSE 3 END,
      coalesce(same_id, same_key, first_unmet)])
    FROM (
      SELECT c, u.i AS first_unmet,
        (SELECT x.commit_no FROM ${s}.commits x
         WHERE ${s}.index_key(x.tenant) = ${s}.index_key(${commit(1)}) AND x.command_id = ${commit(2)}) AS same_id,
        (SELECT k.commit_no FROM ${s}.idempotency k
         WHERE ${s}.index_key(k.tenant) = ${s}.index_key(${commit(1)}) AND ${s}.index_key(k.sender) = ${s}.index_key(${commit(9)})
           AND k.command_type = ${commit(3)} AND ${s}.index_key(k.key) = ${s}.index_key(${commit(10)})) AS same_key
      FROM generate_series(0, cardinality(commit_numbers) / 5 - 1) c
      LEFT JOIN (SELECT stream_numbers[3 * i - 2] - 1 AS c, min(i) AS i FROM unnest(unmet) i GROUP BY 1) u USING (c)
    ) found
    WHERE coalesce(same_id, same_key, first_unmet) IS NOT NULL
    ORDER BY c`
  /** Those that stay close ranks; the others get no number. */
  const countAgain = `SELECT unnest(ARRAY[${number(1)}, ${number(2)}, ${number(3)},
      CASE WHEN stays THEN count(*) FILTER (WHERE stays) OVER before_it END,
      CASE WHEN stays THEN coalesce(sum(${number(3)}) FILTER (WHERE stays) OVER before_it, 0)::bigint END])
    FROM (
      SELECT c, NOT EXISTS (SELECT FROM generate_series(1, cardinality(refused), 3) r WHERE refused[r] = c + 1) AS stays
      FROM generate_series(0, cardinality(commit_numbers) / 5 - 1) c
    ) counted
    WINDOW before_it AS (ORDER BY c ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
    ORDER BY c`

  const addCommits = `INSERT INTO ${s}.commits (commit_no, position, recorded_at, version, event_count, tenant, command_id,
      command_type, outcome, correlation_id, fingerprint, answer, context${after(more?.columns)})
    SELECT last_no + ${number(4)} + 1, last_position + ${number(5)} + ${number(3)}, ${number(1)}, ${number(2)}, ${number(3)},
      ${[1, 2, 3, 4, 5, 6, 7, 8].map(commit).join(', ')}${after(more?.values)}
    FROM generate_series(0, cardinality(commit_numbers) / 5 - 1) c
    WHERE ${number(4)} IS NOT NULL`
  const addEvents = `INSERT INTO ${s}.events (position, commit_no, version, idx, schema_version, tenant, aggregate_type,
      aggregate_id, type, data)
    SELECT last_position + commit_numbers[5 * ${ofEvent} + 5] + event_numbers[4 * e + 3] + 1,
      last_no + commit_numbers[5 * ${ofEvent} + 4] + 1,
      versions[event_numbers[4 * e + 1]] + event_numbers[4 * e + 2], event_numbers[4 * e + 3], event_numbers[4 * e + 4],
      commit_texts[11 * ${ofEvent} + 1], stream_texts[2 * event_numbers[4 * e + 1] - 1], stream_texts[2 * event_numbers[4 * e + 1]],
      event_texts[2 * e + 1], event_texts[2 * e + 2]
    FROM generate_series(0, cardinality(event_numbers) / 4 - 1) e
    WHERE commit_numbers[5 * ${ofEvent} + 4] IS NOT NULL`
  const addKeys = `INSERT INTO ${s}.idempotency (commit_no, tenant, sender, command_type, key, fingerprint)
    SELECT last_no + ${number(4)} + 1, ${[1, 9, 3, 10, 11].map(commit).join(', ')}
    FROM generate_series(0, cardinality(commit_numbers) / 5 - 1) c
    WHERE ${commit(10)} IS NOT NULL AND ${number(4)} IS NOT NULL`
  const addParts = (kind: number, table: string, columns: string, texts: string): string =>
    `INSERT INTO ${s}.${table} (commit_no, idx, ${columns})
    SELECT last_no + commit_numbers[5 * part_numbers[4 * p + 2] - 1] + 1, part_numbers[4 * p + 3], ${texts}
    FROM generate_series(0, cardinality(part_numbers) / 4 - 1) p
    WHERE part_numbers[4 * p + 1] = ${kind} AND commit_numbers[5 * part_numbers[4 * p + 2] - 1] IS NOT NULL`
  const typeAndData = 'part_texts[3 * p + 2], part_texts[3 * p + 3]'
  const [jobColumns, jobTexts] =
    more?.jobTerms === true
      ? ['terms, type, data', `part_texts[3 * p + 1], ${typeAndData}`]
      : ['type, data', typeAndData]
  const addOldAudit = more?.addAudit === undefined ? `\n    ${addParts(3, 'audit', 'action, data', typeAndData)};` : ''
  const addAudit = more?.addAudit === undefined ? '' : `\n  ${more.addAudit};`

  return `CREATE FUNCTION ${s}.append(
  commit_texts text[], commit_numbers bigint[], stream_texts text[], stream_numbers bigint[],
  event_texts text[], event_numbers bigint[], part_texts text[], part_numbers bigint[]${after(more?.argument)},
  has_keys boolean, careful boolean, commit_waits text, lock_timeout_ms integer
) RETURNS bigint[] LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $append$
DECLARE
  last_no bigint;
  last_position bigint;
  versions bigint[];
  unmet bigint[];
  refused bigint[] := '{}';
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'append runs in READ COMMITTED only, not in %', current_setting('transaction_isolation')
      USING ERRCODE = 'invalid_transaction_state';
  END IF;
  -- Whoever asks for more, that replicas have applied it, is given that.
  IF commit_waits <> 'on' OR current_setting('synchronous_commit') <> 'remote_apply' THEN
    PERFORM set_config('synchronous_commit', commit_waits, true);
  END IF;
  PERFORM set_config('lock_timeout', lock_timeout_ms::text, true);
  LOCK TABLE ${s}.head IN SHARE UPDATE EXCLUSIVE MODE;

  SELECT c.commit_no, c.position INTO last_no, last_position FROM ${s}.commits c ORDER BY c.commit_no DESC LIMIT 1;
  last_no := coalesce(last_no, 0);
  last_position := coalesce(last_position, 0);
  versions := ARRAY(${readVersions(probable, `CASE WHEN ${probable} = 0 THEN 0 END`)});
  IF array_position(versions, NULL) IS NOT NULL THEN
    versions := ARRAY(${readVersions('0', '0')});
  END IF;
  unmet := ARRAY(${findUnmet});

  IF careful OR cardinality(unmet) > 0 THEN
    refused := ARRAY(${findRefused});
    commit_numbers := ARRAY(${countAgain});
  END IF;

  ${addCommits};
  ${addEvents};
  IF has_keys THEN
    ${addKeys};
  END IF;
  IF cardinality(part_numbers) > 0 THEN
    ${addParts(1, 'outbox', 'schema_version, key, type, data', `part_numbers[4 * p + 4], part_texts[3 * p + 1], ${typeAndData}`)};
    ${addParts(2, 'jobs', jobColumns, jobTexts)};${addOldAudit}
  END IF;${addAudit}
  RETURN ARRAY[last_no, last_position] || versions || refused;
END
$append$`
}
