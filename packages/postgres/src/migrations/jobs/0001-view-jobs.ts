// What an exchange reads, as one function in the server: the claim lock first, and then everything that the plan is made on. Each
// statement of a volatile function sees what was committed before it began, so all of them see what others did before the lock was given.

/** How long a holder of the claim lock may be silent: then the server ends its session, and others go on. */
const silentMax = '5s'
/** As in core: arriving, due, late and orphaned jobs that one exchange looks at. */
const most = 2_000

/**
 * The claim lock, and how the rest of its transaction is done: one look for each row, because a plan that was made while a table was small
 * would read a grown one from end to end. What a crash of the server takes of exchanges is done again.
 */
export function createEnterJobs(s: string): string {
  return `CREATE FUNCTION ${s}.enter_jobs(waits_for_disk boolean, lock_timeout_ms integer) RETURNS void
LANGUAGE plpgsql VOLATILE AS $enter$
BEGIN
  PERFORM ${s}.begin_change(waits_for_disk), set_config('lock_timeout', lock_timeout_ms::text, true),
    set_config('idle_in_transaction_session_timeout', '${silentMax}', true), set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true);
  IF NOT waits_for_disk THEN
    PERFORM set_config('synchronous_commit', 'off', true);
  END IF;
  LOCK TABLE ${s}.job_gate IN SHARE UPDATE EXCLUSIVE MODE;
END
$enter$`
}

const rowColumns = [
  'commit_no',
  'idx',
  'no',
  'enqueued_at',
  'due_at',
  'expires_at',
  'started_at',
  'priority',
  'attempt',
  'attempts_max',
  'is_cancel_asked',
  'state',
  'tenant',
  'command_id',
  'type',
  'queue',
  'key',
  'unique_key',
  'worker',
  'story',
] as const
type RowColumn = (typeof rowColumns)[number]
const typeOf = (column: RowColumn): string => {
  if (column === 'is_cancel_asked') return 'boolean'
  if (['idx', 'priority', 'attempt', 'attempts_max'].includes(column)) return 'integer'
  return /_at$|no$/.test(column) ? 'bigint' : 'text'
}

/**
 * | argument | what |
 * |---|---|
 * | me | the worker |
 * | places | commit numbers and indexes in turn, of runs that end, report or are held, in this order |
 * | end_count | how many of them end: the first ones |
 * | known_epoch | in which the marks count |
 * | due_from, late_from, running_from | marks: nothing due or late lies before, no running job has a number up to |
 * | takes_all | as many arriving jobs as one exchange may look at, however few can begin: they go before what becomes pending now |
 * | wishes | of each: queue, room, types, perKeyMax, runningMax, isLimited, periodUs, rateMax; by priority: lows, passed, keys (src/job-marks.ts) |
 *
 * Returns rows of several kinds, each with the columns that it has use for.
 */
export function createViewJobs(s: string): readonly string[] {
  /** One kind of rows; columns that are not named are NULL. */
  const select = (kind: string, values: Partial<Record<RowColumn, string>>): string =>
    `SELECT '${kind}'::text, ${rowColumns
      .map((column) => (values[column] === undefined ? 'NULL' : `(${values[column]})`) + `::${typeOf(column)}`)
      .join(', ')}`
  const rows = (kind: string): string =>
    `SELECT '${kind}'::text, ${rowColumns.map((column) => `r.${column}`).join(', ')}`
  const isBehindCursor = '(j.commit_no, j.idx) > (last_step.commit_no, last_step.idx)'
  const isPending = (
    low: string,
  ): string => `r.queue = wish.queue AND r.priority = p AND r.state = 'pending' AND r.no > ${low}
        AND r.type = ANY (wish_types) AND (r.late_at IS NULL OR r.late_at > now_us)`
  const low = '(CASE WHEN is_known THEN coalesce((wish.lows -> p)::bigint, 0) ELSE 0 END)'
  /** The first jobs of a key that others have passed, from and up to its marks. */
  const ofKey = (columns: string, limit: string): string => `SELECT ${columns} FROM ${s}.job_rows r
            WHERE ${isPending('(k ->> 2)::bigint - 1')} AND r.no <= passed_to AND r.key IS NOT NULL
              AND ${s}.index_key(r.key) = ${s}.index_key(k ->> 1) AND ${s}.index_key(r.tenant) = ${s}.index_key(k ->> 0)
              AND r.key = k ->> 1 AND r.tenant = k ->> 0 ORDER BY r.no LIMIT ${limit}`
  const roomOfKey = 'wish."perKeyMax" - coalesce((counts ->> jsonb_build_array(k ->> 0, k ->> 1)::text)::integer, 0)'
  const createType = `CREATE TYPE ${s}.viewed_job AS (kind text, ${rowColumns
    .map((column) => `${column} ${typeOf(column)}`)
    .join(', ')})`

  const createView = `CREATE FUNCTION ${s}.view_jobs(
  me text, lock_timeout_ms integer, places bigint[], end_count integer, known_epoch text, due_from bigint, late_from bigint, running_from bigint,
  takes_all boolean, wishes jsonb
) RETURNS SETOF ${s}.viewed_job LANGUAGE plpgsql VOLATILE AS $view$
DECLARE
  now_us bigint;
  last_step ${s}.job_steps;
  this_epoch text;
  is_known boolean;
  gone text[];
  wish record;
  wish_types text[];
  default_room bigint := 0;
  found_count bigint;
  still_count bigint;
  begun_count bigint;
  counts jsonb;
  passed jsonb;
  passed_to bigint;
  walked_to bigint;
  passes_left integer;
  key_name text;
  key_count integer;
  candidate ${s}.viewed_job;
BEGIN
  PERFORM ${s}.enter_jobs(false, lock_timeout_ms);
  now_us := extract(epoch FROM clock_timestamp()) * 1000000;
  SELECT * INTO last_step FROM ${s}.job_steps ORDER BY no DESC LIMIT 1;
  SELECT e.epoch INTO this_epoch FROM ${s}.job_epoch e LIMIT 1;
  IF this_epoch IS NULL OR now_us < last_step.at_us THEN
    this_epoch := gen_random_uuid();
    DELETE FROM ${s}.job_epoch;
    INSERT INTO ${s}.job_epoch (epoch) VALUES (this_epoch);
    UPDATE ${s}.job_steps SET at_us = now_us WHERE no = last_step.no;
    last_step.at_us := now_us;
  END IF;
  is_known := this_epoch IS NOT DISTINCT FROM known_epoch;
  IF NOT is_known THEN
    due_from := 0;
    late_from := 0;
    running_from := 0;
  END IF;

  RETURN QUERY ${rows('run')} FROM generate_series(1, cardinality(places), 2) i CROSS JOIN LATERAL (
    SELECT * FROM ${s}.job_rows e WHERE e.commit_no = places[i] AND e.idx = places[i + 1] LIMIT 1) r WHERE r.state = 'running';
  -- Apart, so that no plan looks for the few that are asked among all that ran since the oldest transaction began.
  RETURN QUERY ${rows('asked')} FROM (SELECT * FROM ${s}.job_rows e WHERE e.is_cancel_asked OFFSET 0) r
    WHERE r.worker = me AND r.state = 'running';

  RETURN QUERY ${select('worker', { worker: 'w.worker', due_at: 'w.until_us' })}
    FROM ${s}.job_workers w;
  gone := ARRAY(SELECT w.worker FROM ${s}.job_workers w WHERE w.worker <> me AND w.until_us <= now_us);
  IF cardinality(gone) > 0 THEN
    RETURN QUERY ${rows('orphaned')} FROM ${s}.job_rows r
      WHERE r.state = 'running' AND r.no > running_from AND r.worker = ANY (gone) ORDER BY r.no LIMIT ${most};
  END IF;

  RETURN QUERY ${rows('due')} FROM ${s}.job_rows r
    WHERE r.state IN ('scheduled', 'retry_scheduled', 'waiting') AND r.due_at >= due_from AND r.due_at <= now_us
    ORDER BY r.due_at LIMIT ${most};
  takes_all := takes_all OR FOUND OR cardinality(gone) > 0;
  RETURN QUERY ${select('next', { due_at: 'r.due_at' })} FROM ${s}.job_rows r
    WHERE r.state IN ('scheduled', 'retry_scheduled', 'waiting') AND r.due_at > now_us AND (r.late_at IS NULL OR r.late_at > now_us)
    ORDER BY r.due_at LIMIT 1;
  RETURN QUERY ${rows('late')} FROM ${s}.job_rows r
    WHERE r.late_at IS NOT NULL AND r.late_at >= late_from AND r.late_at <= now_us ORDER BY r.late_at LIMIT ${most};
  RETURN QUERY ${select('paused', { queue: 'p.queue' })} FROM ${s}.job_pauses p;

  IF EXISTS (SELECT FROM jsonb_array_elements(wishes) w WHERE (w -> 'isLimited')::boolean) THEN
    RETURN QUERY ${select('count', { queue: 'r.queue', tenant: 'r.tenant', key: 'r.key', no: 'count(*)' })}
      FROM ${s}.job_rows r WHERE r.state = 'running' AND r.no > running_from GROUP BY r.queue, r.tenant, r.key;
    RETURN QUERY ${select('first', { no: 'r.no' })} FROM ${s}.job_rows r
      WHERE r.state = 'running' AND r.no > running_from ORDER BY r.no LIMIT 1;
  END IF;
  FOR wish IN SELECT * FROM jsonb_to_recordset(wishes) AS w(
    queue text, room bigint, types text[], lows jsonb, passed jsonb, keys jsonb, "perKeyMax" integer, "runningMax" bigint,
    "periodUs" bigint, "rateMax" bigint
  ) LOOP
    wish_types := wish.types;
    found_count := 0;
    IF EXISTS (SELECT FROM ${s}.job_pauses p WHERE p.queue = wish.queue) THEN
      CONTINUE;
    END IF;
    -- What was begun after now was begun before the clock went back: it must not close the queue until then.
    IF wish."periodUs" IS NOT NULL THEN
      SELECT coalesce(sum(b.count), 0) INTO begun_count
        FROM ${s}.job_begun b WHERE b.queue = wish.queue AND b.at_us > now_us - wish."periodUs" AND b.at_us <= now_us;
      RETURN QUERY ${select('begun', { queue: 'wish.queue', no: 'begun_count' })};
    END IF;
    IF wish."perKeyMax" IS NULL THEN
      RETURN QUERY ${rows('ready')} FROM generate_series(0, 9) p CROSS JOIN LATERAL (
        SELECT * FROM ${s}.job_rows r WHERE ${isPending(low)} ORDER BY r.no LIMIT wish.room
      ) r LIMIT wish.room;
      GET DIAGNOSTICS found_count = ROW_COUNT;
    ELSE
      SELECT coalesce(jsonb_object_agg(c.name, c.count) FILTER (WHERE c.name IS NOT NULL), '{}'), coalesce(sum(c.count), 0)
      INTO counts, still_count FROM (
        SELECT CASE WHEN u.key IS NOT NULL THEN jsonb_build_array(u.tenant, u.key)::text END AS name, sum(u.by) AS count FROM (
          SELECT r.tenant, r.key, 1 AS by FROM ${s}.job_rows r
          WHERE r.state = 'running' AND r.no > running_from AND r.queue = wish.queue AND r.worker <> ALL (gone)
          UNION ALL SELECT r.tenant, r.key, -1 FROM generate_series(1, 2 * end_count, 2) i CROSS JOIN LATERAL (
            SELECT * FROM ${s}.job_rows e WHERE e.commit_no = places[i] AND e.idx = places[i + 1] LIMIT 1
          ) r WHERE r.state = 'running' AND r.worker = me AND r.queue = wish.queue
        ) u GROUP BY 1
      ) c;
      -- No further than the other limits let any of it begin: whoever asks shall have passed what it walks over.
      wish.room := least(wish.room, wish."runningMax" - still_count, wish."rateMax" - begun_count);
      -- Others wait for the lock: the next exchange goes on behind what this one has passed.
      passes_left := ${most};
      FOR p IN 0..9 LOOP
        EXIT WHEN found_count >= wish.room OR passes_left = 0;
        passed_to := CASE WHEN is_known THEN coalesce((wish.passed -> p)::bigint, 0) ELSE 0 END;
        IF is_known AND jsonb_array_length(coalesce(wish.keys -> p, '[]')) > 0 THEN
          RETURN QUERY ${select('spent', { queue: 'wish.queue', priority: 'p', tenant: 'k ->> 0', key: 'k ->> 1' })}
            FROM jsonb_array_elements(wish.keys -> p) k
            WHERE ${roomOfKey} > 0 AND NOT EXISTS (${ofKey('1', '1')});
          FOR candidate IN ${rows('ready')} FROM jsonb_array_elements(wish.keys -> p) k CROSS JOIN LATERAL (
            ${ofKey('*', `greatest(least(${roomOfKey}, wish.room), 0)`)}
          ) r ORDER BY r.no LOOP
            EXIT WHEN found_count >= wish.room;
            key_name := jsonb_build_array(candidate.tenant, candidate.key)::text;
            counts := counts || jsonb_build_object(key_name, coalesce((counts ->> key_name)::integer, 0) + 1);
            found_count := found_count + 1;
            RETURN NEXT candidate;
          END LOOP;
          EXIT WHEN found_count >= wish.room;
        END IF;
        passed := '{}';
        walked_to := NULL;
        FOR candidate IN ${rows('ready')} FROM (
          SELECT * FROM ${s}.job_rows r WHERE ${isPending('passed_to')} ORDER BY r.no OFFSET 0
        ) r LOOP
          EXIT WHEN found_count >= wish.room OR passes_left = 0;
          walked_to := candidate.no;
          IF candidate.key IS NOT NULL THEN
            key_name := jsonb_build_array(candidate.tenant, candidate.key)::text;
            key_count := coalesce((counts ->> key_name)::integer, 0);
            IF key_count >= wish."perKeyMax" THEN
              passes_left := passes_left - 1;
              CONTINUE WHEN jsonb_exists(passed, key_name);
              passed := passed || jsonb_build_object(key_name, true);
              RETURN QUERY ${select('passed', {
                queue: 'wish.queue',
                priority: 'p',
                tenant: 'candidate.tenant',
                key: 'candidate.key',
                no: 'candidate.no',
              })};
              CONTINUE;
            END IF;
            counts := counts || jsonb_build_object(key_name, key_count + 1);
          END IF;
          found_count := found_count + 1;
          RETURN NEXT candidate;
        END LOOP;
        IF found_count < wish.room AND passes_left > 0 THEN
          walked_to := last_step.no;
        END IF;
        RETURN QUERY ${select('walked', { queue: 'wish.queue', priority: 'p', no: 'walked_to' })} WHERE walked_to IS NOT NULL;
      END LOOP;
      IF passes_left = 0 THEN
        RETURN QUERY ${select('cut', { queue: 'wish.queue', no: 'found_count' })};
        -- What arrives comes behind what was not looked at.
        wish.room := found_count;
      END IF;
    END IF;
    IF wish.queue = 'default' THEN
      default_room := greatest(wish.room - found_count, 0);
    END IF;
  END LOOP;

  -- Jobs without terms are all alike: no more of them are taken in than can begin, so that they begin to run with their first row.
  IF EXISTS (SELECT FROM ${s}.jobs j WHERE j.terms IS NOT NULL AND ${isBehindCursor}) THEN
    default_room := ${most};
    RETURN QUERY ${select('rival', {
      commit_no: '0',
      idx: 'r.idx',
      tenant: 'r.tenant',
      unique_key: 'r.unique_key',
      state: 'r.state',
      enqueued_at: 'r.enqueued_at',
      command_id: 'r.command_id',
    })}
      FROM (
        SELECT DISTINCT ${s}.index_key(a.terms::jsonb -> 'unique' ->> 'key') AS name, ${s}.index_key(c.tenant) AS tenant_name
        FROM (
          SELECT j.commit_no, j.terms FROM ${s}.jobs j WHERE j.terms IS NOT NULL AND ${isBehindCursor} ORDER BY j.commit_no, j.idx LIMIT ${most}
        ) a CROSS JOIN LATERAL (SELECT tenant FROM ${s}.commits WHERE commit_no = a.commit_no LIMIT 1) c
        WHERE a.terms LIKE '%"unique":%'
      ) n CROSS JOIN LATERAL (
        (SELECT u.idx, u.tenant, u.unique_key, u.state, u.enqueued_at, u.command_id FROM ${s}.job_rows u
          WHERE u.unique_key IS NOT NULL AND ${s}.index_key(u.unique_key) = n.name AND ${s}.index_key(u.tenant) = n.tenant_name)
        UNION ALL SELECT e.* FROM unnest(ARRAY['succeeded', 'dead_letter', 'cancelled', 'expired']) of_state CROSS JOIN LATERAL (
          SELECT u.idx, u.tenant, u.unique_key, u.state, u.enqueued_at, u.command_id FROM ${s}.job_ends u
          WHERE u.unique_key IS NOT NULL AND ${s}.index_key(u.unique_key) = n.name AND ${s}.index_key(u.tenant) = n.tenant_name
            AND u.state = of_state ORDER BY u.enqueued_at DESC LIMIT 1) e
      ) r WHERE n.name IS NOT NULL;
  END IF;
  IF takes_all THEN
    default_room := ${most};
  END IF;
  RETURN QUERY ${select('arriving', {
    commit_no: 'a.commit_no',
    idx: 'a.idx',
    enqueued_at: 'c.recorded_at',
    tenant: 'c.tenant',
    command_id: 'c.command_id',
    type: 'a.type',
    story: 'a.terms',
  })}
    FROM (
      SELECT j.commit_no, j.idx, j.type, j.terms FROM ${s}.jobs j WHERE ${isBehindCursor} ORDER BY j.commit_no, j.idx LIMIT default_room
    ) a CROSS JOIN LATERAL (SELECT recorded_at, tenant, command_id FROM ${s}.commits WHERE commit_no = a.commit_no LIMIT 1) c;
  RETURN QUERY ${select('step', {
    commit_no: 'last_step.commit_no',
    idx: 'last_step.idx',
    no: 'last_step.no',
    enqueued_at: 'now_us',
    due_at: 'last_step.at_us',
    expires_at: 'default_room',
    worker: 'this_epoch',
    is_cancel_asked: 'is_known',
  })};
END
$view$`
  return [createType, createView]
}
