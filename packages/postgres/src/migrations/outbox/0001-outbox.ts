// The relay's cursor, and the messages that are held: those that could not be sent, and those of the same key behind them.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. Lists of places are commit numbers and indexes in turn. */
export function outbox(s: string): Migration {
  /**
   * The last row counts: the cursor, and the highest token that was settled with. Rows are added and not updated: a row that is updated
   * with every settlement is found through all its former versions, as long as any transaction of the server could ask for them.
   */
  const createSteps = `CREATE TABLE ${s}.outbox_steps (
  step bigint PRIMARY KEY,
  commit_no bigint NOT NULL,
  fencing_token bigint NOT NULL
)`
  const startSteps = `INSERT INTO ${s}.outbox_steps (step, commit_no, fencing_token) VALUES (0, 0, 0)`

  /**
   * Times are microseconds UTC. is_first: the first waiting one of its tenant and key, which alone may be sent; of a key that has a
   * thousand waiting messages one is looked at.
   */
  const createHeld = `CREATE TABLE ${s}.held_messages (
  commit_no bigint NOT NULL,
  due_at bigint NOT NULL,
  last_attempt_at bigint,
  attempts bigint NOT NULL,
  idx integer NOT NULL,
  is_dead boolean NOT NULL,
  is_first boolean NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  last_error text,
  PRIMARY KEY (commit_no, idx)
)`
  const createWaitingIndex = `CREATE INDEX held_messages_waiting
  ON ${s}.held_messages (${s}.index_key(tenant), ${s}.index_key(key), commit_no, idx) WHERE NOT is_dead`
  const createDueIndex = `CREATE INDEX held_messages_due ON ${s}.held_messages (due_at, commit_no, idx) WHERE is_first`

  /** Whoever changes cursor or held messages is alone with them. Appends have nothing to do with it. */
  const createGate = `CREATE TABLE ${s}.outbox_gate ()`
  const enterAlone = `LOCK TABLE ${s}.outbox_gate IN SHARE UPDATE EXCLUSIVE MODE`
  /** One look for each place: a plan that was made while a table was small would read a grown one from end to end. */
  const asFunction =
    'LANGUAGE plpgsql VOLATILE SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off'
  const isAt = (row: string, places: string): string =>
    `${row}.commit_no = ${places}[i] AND ${row}.idx = ${places}[i + 1]`
  const eachOf = (places: string): string => `generate_series(1, cardinality(${places}), 2) i`

  /** Marks the first waiting message of each key that the places have, or takes the mark away: before a change, and again behind it. */
  const createMarkFirst = `CREATE FUNCTION ${s}.mark_first(places bigint[], marked boolean) RETURNS void ${asFunction} AS $mark$
BEGIN
  UPDATE ${s}.held_messages h SET is_first = marked
    FROM (
      SELECT DISTINCT c.tenant, o.key FROM ${eachOf('places')}
      JOIN ${s}.outbox o ON ${isAt('o', 'places')} JOIN ${s}.commits c ON c.commit_no = o.commit_no
    ) k CROSS JOIN LATERAL (
      SELECT w.commit_no, w.idx FROM ${s}.held_messages w
      WHERE ${s}.index_key(w.tenant) = ${s}.index_key(k.tenant) AND ${s}.index_key(w.key) = ${s}.index_key(k.key) AND NOT w.is_dead
      ORDER BY w.commit_no, w.idx LIMIT 1
    ) f
    WHERE h.commit_no = f.commit_no AND h.idx = f.idx AND h.is_first <> marked;
END
$mark$`

  const hold = (facts: string, from: string): string => `INSERT INTO ${s}.held_messages AS h
      (commit_no, idx, tenant, key, type, is_first, is_dead, attempts, due_at, last_attempt_at, last_error)
    SELECT o.commit_no, o.idx, c.tenant, o.key, o.type, false, ${facts}
    FROM ${from} JOIN ${s}.commits c ON c.commit_no = o.commit_no`

  /**
   * numbers: commit number, index, 1 for a dead message and 0 for a waiting one, attempts, due_at, last_attempt_at or -1, for each
   * error or null. (Without nulls, because an item of a list that has some is found by counting.) places: of all messages that the
   * settlement names. is_again: an earlier attempt may have been kept.
   */
  const createSettle = `CREATE FUNCTION ${s}.settle_outbox(
  new_token bigint, from_no bigint, to_no bigint, is_again boolean, sent bigint[], numbers bigint[], errors text[], places bigint[]
) RETURNS boolean ${asFunction} AS $settle$
DECLARE
  last_step ${s}.outbox_steps;
BEGIN
  -- What a crash of the server takes is sent again.
  PERFORM ${s}.begin_change(false), set_config('synchronous_commit', 'off', true);
  ${enterAlone};
  SELECT * INTO last_step FROM ${s}.outbox_steps ORDER BY step DESC LIMIT 1;
  IF is_again AND from_no < to_no AND last_step.commit_no = to_no AND last_step.fencing_token = new_token THEN
    RETURN true;
  END IF;
  IF last_step.commit_no <> from_no OR last_step.fencing_token > new_token THEN
    RETURN false;
  END IF;
  IF from_no < to_no OR last_step.fencing_token < new_token THEN
    INSERT INTO ${s}.outbox_steps (step, commit_no, fencing_token) VALUES (last_step.step + 1, to_no, new_token);
    IF last_step.step % 64 = 0 THEN
      DELETE FROM ${s}.outbox_steps WHERE step <= last_step.step;
    END IF;
  END IF;
  IF cardinality(places) > 0 THEN
    PERFORM ${s}.mark_first(places, false);
    DELETE FROM ${s}.held_messages h USING ${eachOf('sent')} WHERE ${isAt('h', 'sent')};
    ${hold(
      'numbers[6 * n.at - 3] = 1, numbers[6 * n.at - 2], numbers[6 * n.at - 1], nullif(numbers[6 * n.at], -1), n.error',
      `unnest(errors) WITH ORDINALITY n(error, at)
    JOIN ${s}.outbox o ON o.commit_no = numbers[6 * n.at - 5] AND o.idx = numbers[6 * n.at - 4]`,
    )}
    ON CONFLICT (commit_no, idx) DO UPDATE SET is_dead = excluded.is_dead, attempts = excluded.attempts, due_at = excluded.due_at,
      last_attempt_at = excluded.last_attempt_at, last_error = excluded.last_error;
    PERFORM ${s}.mark_first(places, true);
  END IF;
  RETURN true;
END
$settle$`

  const change = (
    name: string,
    given: string,
    statements: string,
  ): string => `CREATE FUNCTION ${s}.${name}(${given}) RETURNS bigint ${asFunction} AS $change$
DECLARE
  changed bigint;
BEGIN
  PERFORM ${s}.begin_change(true);
  ${enterAlone};
  ${statements};
  RETURN changed;
END
$change$`
  const makeWaiting = (statement: string): string => `PERFORM ${s}.mark_first(places, false);
  ${statement};
  GET DIAGNOSTICS changed = ROW_COUNT;
  PERFORM ${s}.mark_first(places, true)`
  const isSent = `o.commit_no <= (SELECT commit_no FROM ${s}.outbox_steps ORDER BY step DESC LIMIT 1)
      AND NOT EXISTS (SELECT FROM ${s}.held_messages h WHERE h.commit_no = o.commit_no AND h.idx = o.idx OFFSET 0)`

  const createRequeue = change(
    'requeue_messages',
    'places bigint[], now_us bigint',
    makeWaiting(`UPDATE ${s}.held_messages h
    SET is_dead = false, attempts = 0, due_at = now_us, last_attempt_at = NULL, last_error = NULL
    FROM ${eachOf('places')} WHERE ${isAt('h', 'places')} AND h.is_dead`),
  )
  const createResend = change(
    'resend_messages',
    'places bigint[], now_us bigint',
    makeWaiting(`${hold('false, 0, now_us, NULL, NULL', `${eachOf('places')} JOIN ${s}.outbox o ON ${isAt('o', 'places')}`)}
    WHERE ${isSent}`),
  )
  const createDiscard = change(
    'discard_messages',
    'places bigint[]',
    `WITH discarded AS (
    DELETE FROM ${s}.held_messages h USING ${eachOf('places')} WHERE ${isAt('h', 'places')} AND h.is_dead RETURNING h.commit_no, h.idx
  ), gone AS (
    DELETE FROM ${s}.outbox o USING discarded d WHERE o.commit_no = d.commit_no AND o.idx = d.idx
  ) SELECT count(*) INTO changed FROM discarded`,
  )
  /** Of the oldest messages that were sent so many are looked at: times follow the order but for the clocks of several machines. */
  const createPrune = change(
    'prune_messages',
    'before_us bigint, messages_max integer',
    `DELETE FROM ${s}.outbox p USING (
    SELECT a.commit_no, a.idx FROM (
      SELECT o.commit_no, o.idx, c.recorded_at FROM ${s}.outbox o
      CROSS JOIN LATERAL (SELECT recorded_at FROM ${s}.commits WHERE commit_no = o.commit_no OFFSET 0) c
      WHERE ${isSent} ORDER BY o.commit_no, o.idx LIMIT 20000
    ) a WHERE a.recorded_at < before_us LIMIT messages_max
  ) old WHERE p.commit_no = old.commit_no AND p.idx = old.idx;
  GET DIAGNOSTICS changed = ROW_COUNT`,
  )
  /** Beside the log's own reset. The token stays: a relay of before must not begin again. */
  const createReset = `CREATE FUNCTION ${s}.reset_outbox() RETURNS void LANGUAGE plpgsql VOLATILE AS $reset$
BEGIN
  PERFORM ${s}.begin_change(true);
  ${enterAlone};
  DELETE FROM ${s}.held_messages;
  INSERT INTO ${s}.outbox_steps (step, commit_no, fencing_token)
    SELECT step + 1, 0, fencing_token FROM ${s}.outbox_steps ORDER BY step DESC LIMIT 1;
END
$reset$`

  return {
    number: 1,
    name: 'outbox',
    statements: [
      createSteps,
      startSteps,
      createHeld,
      createWaitingIndex,
      createDueIndex,
      createGate,
      createMarkFirst,
      createSettle,
      createRequeue,
      createResend,
      createDiscard,
      createPrune,
      createReset,
    ],
  }
}
