// Views: which there are, how far each has come, and a table of rows for each of them.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function views(s: string): Migration {
  const createViews = `CREATE TABLE ${s}.views (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  model_version bigint NOT NULL,
  generation bigint NOT NULL,
  UNIQUE (name, model_version, generation)
)`

  /**
   * The last row of a view counts; one without a position stands for a view that was emptied. Rows are added and not updated: a row that
   * is updated with every flush is found through all its former versions, as long as any transaction of the server could ask for them.
   */
  const createCheckpoints = `CREATE TABLE ${s}.checkpoints (
  view_id integer NOT NULL,
  step bigint NOT NULL,
  incarnation text,
  position bigint,
  event_id text,
  PRIMARY KEY (view_id, step)
)`

  /** The id of a view, whose table is \`view_<id>\`. Made when it is missing. content is what searches compare when value itself cannot be cast to jsonb. */
  const createOpenView = `CREATE FUNCTION ${s}.open_view(new_name text, new_version bigint, new_generation bigint) RETURNS integer
LANGUAGE plpgsql VOLATILE AS $open$
DECLARE
  found_id integer;
BEGIN
  SELECT id INTO found_id FROM ${s}.views WHERE name = new_name AND model_version = new_version AND generation = new_generation;
  IF found_id IS NOT NULL THEN
    RETURN found_id;
  END IF;
  INSERT INTO ${s}.views (name, model_version, generation) VALUES (new_name, new_version, new_generation)
    ON CONFLICT DO NOTHING RETURNING id INTO found_id;
  IF found_id IS NULL THEN
    SELECT id INTO found_id FROM ${s}.views WHERE name = new_name AND model_version = new_version AND generation = new_generation;
    RETURN found_id;
  END IF;
  EXECUTE format('CREATE TABLE ${s}.%I (
    tenant text COLLATE "C" NOT NULL, key text COLLATE "C" NOT NULL, value text NOT NULL, content jsonb
  ) WITH (fillfactor = 85)', 'view_' || found_id);
  EXECUTE format('CREATE UNIQUE INDEX ON ${s}.%I (${s}.index_key(tenant), key)', 'view_' || found_id);
  RETURN found_id;
END
$open$`

  /** Whoever flushes meanwhile and whoever empties want the same step, so one of them waits for the other and then sees it. */
  const createEmptyView = `CREATE FUNCTION ${s}.empty_view(of_view integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $empty$
DECLARE
  is_next boolean := false;
BEGIN
  PERFORM ${s}.begin_change(false);
  WHILE NOT is_next LOOP
    INSERT INTO ${s}.checkpoints (view_id, step)
      SELECT of_view, coalesce(max(step), 0) + 1 FROM ${s}.checkpoints WHERE view_id = of_view
      ON CONFLICT DO NOTHING;
    is_next := FOUND;
  END LOOP;
  EXECUTE format('DELETE FROM ${s}.%I', 'view_' || of_view);
END
$empty$`

  return {
    number: 1,
    name: 'views',
    statements: [createViews, createCheckpoints, createOpenView, createEmptyView],
  }
}
