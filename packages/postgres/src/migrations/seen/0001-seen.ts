// Seen events: per subscription the ids that it has dealt with, in the order of their marks.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function seen(s: string): Migration {
  const isOf = (row: string): string => `${s}.index_key(${row}.subscription) = ${s}.index_key(of_subscription)`

  /** How many ids a subscription has: counting them for every mark would read them all. Whoever marks or forgets locks the row. */
  const createSubscriptions = `CREATE TABLE ${s}.seen_subscriptions (
  ids bigint NOT NULL,
  subscription text COLLATE "C" NOT NULL
) WITH (fillfactor = 50)`
  const createSubscriptionIndex = `CREATE UNIQUE INDEX seen_subscriptions_name
  ON ${s}.seen_subscriptions (${s}.index_key(subscription))`

  const createSeen = `CREATE TABLE ${s}.seen_events (
  number bigint GENERATED ALWAYS AS IDENTITY,
  subscription text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL
)`
  const createIdIndex = `CREATE UNIQUE INDEX seen_events_id ON ${s}.seen_events (${s}.index_key(subscription), ${s}.index_key(id))`
  const createOrderIndex = `CREATE INDEX seen_events_order ON ${s}.seen_events (${s}.index_key(subscription), number)`

  /** ids: each once. Of a subscription the last ids_max are kept. A redelivery that is not noticed after a crash of the server does no harm. */
  const createMark = `CREATE FUNCTION ${s}.mark_seen(of_subscription text, new_ids text[], ids_max bigint) RETURNS void
LANGUAGE plpgsql VOLATILE SET enable_seqscan = off AS $mark$
DECLARE
  before bigint;
  again bigint;
  excess bigint;
BEGIN
  PERFORM ${s}.begin_change(false), set_config('synchronous_commit', 'off', true);
  INSERT INTO ${s}.seen_subscriptions AS k (subscription, ids) VALUES (of_subscription, 0)
    ON CONFLICT (${s}.index_key(subscription)) DO UPDATE SET ids = k.ids RETURNING k.ids INTO before;
  DELETE FROM ${s}.seen_events e USING unnest(new_ids) n(id) WHERE ${isOf('e')} AND ${s}.index_key(e.id) = ${s}.index_key(n.id);
  GET DIAGNOSTICS again = ROW_COUNT;
  INSERT INTO ${s}.seen_events (subscription, id)
    SELECT of_subscription, n.id FROM unnest(new_ids) WITH ORDINALITY n(id, place) ORDER BY n.place;
  excess := before - again + cardinality(new_ids) - ids_max;
  IF excess > 0 THEN
    DELETE FROM ${s}.seen_events WHERE number IN (
      SELECT e.number FROM ${s}.seen_events e WHERE ${isOf('e')} ORDER BY e.number LIMIT excess
    ) AND ${isOf('seen_events')};
  END IF;
  IF ids_max + least(excess, 0) <> before THEN
    UPDATE ${s}.seen_subscriptions k SET ids = ids_max + least(excess, 0) WHERE ${isOf('k')};
  END IF;
END
$mark$`

  /** Of one subscription, or of all (null). */
  const createForget = `CREATE FUNCTION ${s}.forget_seen(of_subscription text) RETURNS void LANGUAGE plpgsql VOLATILE AS $forget$
DECLARE
  forgotten text[];
BEGIN
  PERFORM ${s}.begin_change(true);
  WITH gone AS (
    DELETE FROM ${s}.seen_subscriptions k WHERE of_subscription IS NULL OR ${isOf('k')} RETURNING k.subscription
  ) SELECT array_agg(subscription) INTO forgotten FROM gone;
  DELETE FROM ${s}.seen_events e USING unnest(forgotten) f(subscription)
    WHERE ${s}.index_key(e.subscription) = ${s}.index_key(f.subscription);
END
$forget$`

  return {
    number: 1,
    name: 'seen',
    statements: [
      createSubscriptions,
      createSubscriptionIndex,
      createSeen,
      createIdIndex,
      createOrderIndex,
      createMark,
      createForget,
    ],
  }
}
