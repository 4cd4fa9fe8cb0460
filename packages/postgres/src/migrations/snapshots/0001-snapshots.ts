// Snapshots, and how often some were removed: of one tenant, and of all at once.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function snapshots(s: string): Migration {
  const keyColumns = `${s}.index_key(tenant), aggregate_type, ${s}.index_key(aggregate_id), state_version`
  /** state is exact JSON text; taken_at is microseconds UTC. */
  const createSnapshots = `CREATE TABLE ${s}.snapshots (
  tenant text COLLATE "C" NOT NULL,
  aggregate_type text COLLATE "C" NOT NULL,
  aggregate_id text COLLATE "C" NOT NULL,
  state_version bigint NOT NULL,
  version bigint NOT NULL,
  incarnation text NOT NULL,
  event_id text NOT NULL,
  state text NOT NULL,
  personal boolean NOT NULL,
  taken_at bigint NOT NULL
)`
  const createSnapshotIndex = `CREATE UNIQUE INDEX snapshots_key ON ${s}.snapshots (${keyColumns})`
  const createPersonalIndex = `CREATE INDEX snapshots_personal ON ${s}.snapshots (${s}.index_key(tenant)) WHERE personal`

  const createRemovals = `CREATE TABLE ${s}.removals (tenant text COLLATE "C" NOT NULL, count bigint NOT NULL)`
  const createRemovalIndex = `CREATE UNIQUE INDEX removals_tenant ON ${s}.removals (${s}.index_key(tenant))`
  const createRemovalsOfAll = `CREATE TABLE ${s}.removals_of_all (id integer PRIMARY KEY CHECK (id = 1), count bigint NOT NULL)`
  const startRemovalsOfAll = `INSERT INTO ${s}.removals_of_all (id, count) VALUES (1, 0)`
  const createCountRemovals = `CREATE FUNCTION ${s}.count_removals(asked_tenant text) RETURNS bigint LANGUAGE sql STABLE
  RETURN coalesce((SELECT r.count FROM ${s}.removals r WHERE ${s}.index_key(r.tenant) = ${s}.index_key(asked_tenant)), 0)
    + (SELECT a.count FROM ${s}.removals_of_all a)`

  /** Who saves a state of before a removal must see the removal, or be seen by it. Many save at once; who removes is alone. */
  const createGate = `CREATE TABLE ${s}.snapshot_gate ()`

  const createSave = `CREATE FUNCTION ${s}.save_snapshot(
  new_tenant text, new_type text, new_id text, new_state_version bigint, new_version bigint, new_incarnation text,
  new_event_id text, new_state text, new_personal boolean, new_taken_at bigint, known_removals bigint
) RETURNS void LANGUAGE plpgsql VOLATILE AS $save$
BEGIN
  PERFORM ${s}.begin_change(false);
  -- A snapshot that a crash of the server takes is taken again.
  PERFORM set_config('synchronous_commit', 'off', true);
  IF known_removals IS NOT NULL THEN
    LOCK TABLE ${s}.snapshot_gate IN ROW EXCLUSIVE MODE;
    IF ${s}.count_removals(new_tenant) <> known_removals THEN RETURN; END IF;
  END IF;
  INSERT INTO ${s}.snapshots AS kept (tenant, aggregate_type, aggregate_id, state_version, version, incarnation, event_id,
      state, personal, taken_at)
    VALUES (new_tenant, new_type, new_id, new_state_version, new_version, new_incarnation, new_event_id,
      new_state, new_personal, new_taken_at)
    ON CONFLICT (${keyColumns}) DO UPDATE SET
      version = excluded.version, incarnation = excluded.incarnation, event_id = excluded.event_id,
      state = excluded.state, personal = excluded.personal, taken_at = excluded.taken_at
    WHERE excluded.incarnation <> kept.incarnation OR excluded.version >= kept.version;
END
$save$`

  /** Of a tenant, or of all (null); of one aggregate, or of all; personal ones, or all. Returns how many. */
  const createRemove = `CREATE FUNCTION ${s}.remove_snapshots(
  of_tenant text, of_type text, of_id text, only_personal boolean
) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $remove$
DECLARE
  removed bigint;
BEGIN
  PERFORM ${s}.begin_change(true);
  LOCK TABLE ${s}.snapshot_gate IN SHARE ROW EXCLUSIVE MODE;
  IF of_tenant IS NULL THEN
    UPDATE ${s}.removals_of_all SET count = count + 1;
    DELETE FROM ${s}.snapshots;
  ELSE
    INSERT INTO ${s}.removals AS r (tenant, count) VALUES (of_tenant, 1)
      ON CONFLICT (${s}.index_key(tenant)) DO UPDATE SET count = r.count + 1;
    DELETE FROM ${s}.snapshots x
      WHERE ${s}.index_key(x.tenant) = ${s}.index_key(of_tenant)
        AND (of_type IS NULL OR (x.aggregate_type = of_type AND ${s}.index_key(x.aggregate_id) = ${s}.index_key(of_id)))
        AND (x.personal OR NOT only_personal);
  END IF;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$remove$`

  return {
    number: 1,
    name: 'snapshots',
    statements: [
      createSnapshots,
      createSnapshotIndex,
      createPersonalIndex,
      createRemovals,
      createRemovalIndex,
      createRemovalsOfAll,
      startRemovalsOfAll,
      createCountRemovals,
      createGate,
      createSave,
      createRemove,
    ],
  }
}
