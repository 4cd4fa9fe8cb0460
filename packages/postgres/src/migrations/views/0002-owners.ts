// Who may write a view, what it has parked, and which of its generations counts. Whatever changes a view is one function that locks the
// view's row first and then looks: whoever waited for the lock sees what the one before him did.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function owners(s: string): Migration {
  /** The fence of the last row of a view counts; a claim adds a row with the same place and a higher fence. */
  const addFence = `ALTER TABLE ${s}.checkpoints ADD COLUMN fence bigint`

  /** rows is a JSON list of keys. */
  const createParked = `CREATE TABLE ${s}.parked (
  view_id integer NOT NULL,
  position bigint NOT NULL,
  parked_at bigint NOT NULL,
  attempts bigint NOT NULL,
  discarded boolean NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  event_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  rows text NOT NULL,
  error text,
  asked text COLLATE "C",
  reason text,
  PRIMARY KEY (view_id, position)
)`

  /** live and building are numbers of generations, and since the last position of the log when their build began. */
  const createPlans = `CREATE TABLE ${s}.plans (
  name text COLLATE "C" NOT NULL,
  model_version bigint NOT NULL,
  revision bigint NOT NULL,
  live bigint,
  live_since bigint,
  building bigint,
  building_since bigint,
  wanted text COLLATE "C" NOT NULL,
  PRIMARY KEY (name, model_version)
)`

  /** A view that is not there any more has an error of its own. A row lock makes no new version of the row, so nothing piles up. */
  const createLockView = `CREATE FUNCTION ${s}.lock_view(of_view integer, waits_for_disk boolean) RETURNS void LANGUAGE plpgsql VOLATILE AS $lock$
BEGIN
  PERFORM ${s}.begin_change(waits_for_disk);
  PERFORM FROM ${s}.views WHERE id = of_view FOR UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the view % was removed', of_view USING ERRCODE = 'GE002';
  END IF;
END
$lock$`

  /**
   * Whether the view was where it was expected and is not another owner's; then it is where next says, and so are its rows. With
   * goes_on it is the first statement of a transaction, which must fail otherwise, and must not stay open when its client is gone. What
   * a crash of the server takes, rows and checkpoint together, is read again from the log; so no flush waits for the disk. The first
   * \`fresh\` rows are told to be new: without looking for a row to replace they cost half. Compiling statements (jit) costs more than
   * it saves here.
   */
  const createFlushView = `CREATE FUNCTION ${s}.flush_view(
  of_view integer, goes_on boolean, with_fence bigint,
  from_incarnation text, from_position bigint, from_event text, next_incarnation text, next_position bigint, next_event text,
  put_tenants text[], put_keys text[], put_values text[], put_contents text[], fresh integer, gone_tenants text[], gone_keys text[],
  unparked bigint[], parking text, discarded_max integer
) RETURNS boolean LANGUAGE plpgsql VOLATILE SET jit = off AS $flush$
DECLARE
  last record;
  view_table text := 'view_' || of_view;
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  PERFORM ${s}.lock_view(of_view, false);
  SELECT step, incarnation, position, event_id, fence INTO last
    FROM ${s}.checkpoints WHERE view_id = of_view ORDER BY step DESC LIMIT 1;
  IF coalesce(with_fence < last.fence, false) OR NOT (CASE WHEN last.position IS NULL THEN from_position = 0
    ELSE last.incarnation = from_incarnation AND last.position = from_position AND last.event_id = from_event END) THEN
    IF goes_on THEN
      RAISE EXCEPTION 'the view % is not where it was expected', of_view USING ERRCODE = 'GE001';
    END IF;
    RETURN false;
  END IF;
  INSERT INTO ${s}.checkpoints (view_id, step, incarnation, position, event_id, fence) VALUES
    (of_view, coalesce(last.step, 0) + 1, next_incarnation, next_position, next_event, coalesce(with_fence, last.fence));
  -- Those before the last one go, after so many.
  DELETE FROM ${s}.checkpoints WHERE view_id = of_view AND step <= last.step AND last.step % 64 = 0;
  IF fresh > 0 THEN
    EXECUTE format('INSERT INTO ${s}.%I (tenant, key, value, content)
      SELECT n.tenant, n.key, n.value, n.content::jsonb FROM unnest($1[:$5], $2[:$5], $3[:$5], $4[:$5]) n(tenant, key, value, content)',
      view_table) USING put_tenants, put_keys, put_values, put_contents, fresh;
  END IF;
  IF cardinality(put_keys) > fresh THEN
    EXECUTE format('INSERT INTO ${s}.%I (tenant, key, value, content)
      SELECT n.tenant, n.key, n.value, n.content::jsonb
      FROM unnest($1[$5:], $2[$5:], $3[$5:], $4[$5:]) n(tenant, key, value, content)
      ON CONFLICT (${s}.index_key(tenant), key) DO UPDATE SET value = excluded.value, content = excluded.content',
      view_table) USING put_tenants, put_keys, put_values, put_contents, fresh + 1;
  END IF;
  IF cardinality(gone_keys) > 0 THEN
    EXECUTE format('DELETE FROM ${s}.%1$I WHERE ctid = ANY (ARRAY(
      SELECT (SELECT v.ctid FROM ${s}.%1$I v WHERE ${s}.index_key(v.tenant) = ${s}.index_key(n.tenant) AND v.key = n.key)
      FROM unnest($1, $2) n(tenant, key)))',
      view_table) USING gone_tenants, gone_keys;
  END IF;
  IF unparked IS NOT NULL THEN
    DELETE FROM ${s}.parked WHERE view_id = of_view AND position = ANY (unparked);
  END IF;
  IF parking IS NOT NULL THEN
    DELETE FROM ${s}.parked p USING json_to_recordset(parking::json) n(position bigint)
      WHERE p.view_id = of_view AND p.position = n.position;
    INSERT INTO ${s}.parked
      (view_id, position, parked_at, attempts, discarded, tenant, key, event_id, type, rows, error, asked, reason)
      SELECT of_view, n.position, n."parkedAt", n.attempts, n.discarded, n.tenant, n.key, n."eventId", n.type, n.rows::text,
        n.error, n.asked, n.reason
      FROM json_to_recordset(parking::json) n(position bigint, "parkedAt" bigint, attempts bigint, discarded boolean,
        tenant text, key text, "eventId" text, type text, rows json, error text, asked text, reason text);
    DELETE FROM ${s}.parked p WHERE p.view_id = of_view AND p.discarded AND p.position <= (
      SELECT position FROM ${s}.parked WHERE view_id = of_view AND discarded
      ORDER BY position DESC OFFSET discarded_max LIMIT 1);
  END IF;
  IF goes_on THEN
    PERFORM set_config('idle_in_transaction_session_timeout', '5s', true);
  END IF;
  RETURN true;
END
$flush$`

  const createClaimView = `CREATE FUNCTION ${s}.claim_view(of_view integer, with_fence bigint) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $claim$
DECLARE
  last record;
BEGIN
  PERFORM ${s}.lock_view(of_view, true);
  SELECT step, incarnation, position, event_id, fence INTO last
    FROM ${s}.checkpoints WHERE view_id = of_view ORDER BY step DESC LIMIT 1;
  IF with_fence <= last.fence THEN
    RETURN with_fence = last.fence;
  END IF;
  INSERT INTO ${s}.checkpoints (view_id, step, incarnation, position, event_id, fence)
    VALUES (of_view, coalesce(last.step, 0) + 1, last.incarnation, last.position, last.event_id, with_fence);
  RETURN true;
END
$claim$`

  const createAskParked = `CREATE FUNCTION ${s}.ask_parked(
  of_view integer, ask text, of_tenant text, of_key text, of_position bigint, because text
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $ask$
DECLARE
  concerned bigint;
BEGIN
  PERFORM ${s}.lock_view(of_view, true);
  UPDATE ${s}.parked SET asked = ask, reason = because
    WHERE view_id = of_view AND NOT discarded
      AND CASE WHEN of_position IS NULL THEN tenant = of_tenant AND key = of_key ELSE position = of_position END;
  GET DIAGNOSTICS concerned = ROW_COUNT;
  RETURN concerned;
END
$ask$`

  /** The tables of a view's own, quoted. They are called \`view_<id>_<name>\`, and no other table begins like that. */
  const createOwnTables = `CREATE FUNCTION ${s}.own_tables(of_view integer) RETURNS text[] LANGUAGE sql STABLE
  RETURN (SELECT array_agg(format('%I.%I', n.nspname, c.relname)) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ${literal(s)} AND c.relkind IN ('r', 'p')
      AND starts_with(c.relname::text, 'view_' || of_view || '_'))`

  /** The first name of a table of its own that is not there. */
  const createMissingTable = `CREATE FUNCTION ${s}.missing_table(of_view integer, names text[]) RETURNS text LANGUAGE sql VOLATILE
  RETURN (SELECT n.name FROM unnest(names) n(name)
    WHERE format('%I.%I', ${literal(s)}, 'view_' || of_view || '_' || n.name) <> ALL (coalesce(${s}.own_tables(of_view), '{}'))
    LIMIT 1)`

  /** All of them or none: some that are there and some that are not were made for another definition. */
  const createMakeTables = `CREATE FUNCTION ${s}.make_tables(of_view integer, names text[], statements text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $make$
DECLARE
  statement text;
  missing text;
BEGIN
  PERFORM ${s}.lock_view(of_view, true);
  missing := ${s}.missing_table(of_view, names);
  IF missing IS NULL THEN
    RETURN;
  END IF;
  FOREACH statement IN ARRAY statements LOOP
    BEGIN
      EXECUTE statement;
    EXCEPTION WHEN OTHERS THEN
      RAISE EXCEPTION '%: %', statement, SQLERRM USING ERRCODE = SQLSTATE;
    END;
  END LOOP;
  missing := ${s}.missing_table(of_view, names);
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'there is no table "%" after them', missing USING ERRCODE = 'undefined_table';
  END IF;
END
$make$`

  const replaceEmptyView = `CREATE OR REPLACE FUNCTION ${s}.empty_view(of_view integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $empty$
BEGIN
  PERFORM ${s}.lock_view(of_view, false);
  INSERT INTO ${s}.checkpoints (view_id, step, fence)
    SELECT of_view, coalesce(max(c.step), 0) + 1, max(c.fence) FROM ${s}.checkpoints c WHERE c.view_id = of_view;
  DELETE FROM ${s}.parked WHERE view_id = of_view;
  EXECUTE format('DELETE FROM ${s}.%I', 'view_' || of_view);
  IF ${s}.own_tables(of_view) IS NOT NULL THEN
    EXECUTE 'TRUNCATE ' || array_to_string(${s}.own_tables(of_view), ', ') || ' RESTART IDENTITY';
  END IF;
END
$empty$`

  /** The id that the view had; none when it is not there. */
  const createRemoveView = `CREATE FUNCTION ${s}.remove_view(of_name text, of_version bigint, of_generation bigint) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $remove$
DECLARE
  of_view integer;
BEGIN
  PERFORM ${s}.begin_change(true);
  SELECT id INTO of_view FROM ${s}.views
    WHERE name = of_name AND model_version = of_version AND generation = of_generation FOR UPDATE;
  IF of_view IS NOT NULL THEN
    DELETE FROM ${s}.views WHERE id = of_view;
    DELETE FROM ${s}.checkpoints WHERE view_id = of_view;
    DELETE FROM ${s}.parked WHERE view_id = of_view;
    EXECUTE 'DROP TABLE ' || array_to_string(${s}.own_tables(of_view) || format('${s}.%I', 'view_' || of_view), ', ');
  END IF;
  RETURN of_view;
END
$remove$`

  return {
    number: 2,
    name: 'owners',
    statements: [
      addFence,
      createParked,
      createPlans,
      createLockView,
      createFlushView,
      createClaimView,
      createAskParked,
      createOwnTables,
      createMissingTable,
      createMakeTables,
      replaceEmptyView,
      createRemoveView,
    ],
  }
}

/** A quoted name as a text of SQL, without its quotes. */
function literal(quotedName: string): string {
  return `'${quotedName.slice(1, -1)}'`
}
