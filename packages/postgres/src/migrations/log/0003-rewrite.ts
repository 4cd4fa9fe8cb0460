// Changing what is stored: privileged, and in one transaction with the record of it, under the head lock.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function rewrite(s: string): Migration {
  const appendTypes =
    'text[], bigint[], text[], bigint[], text[], bigint[], text[], bigint[], boolean, boolean, text, integer'
  return { number: 3, name: 'rewrite', statements: [createRewrite(s, appendTypes), `CREATE ${resetFunction(s)}`] }
}

/** Takes the key of the event and its new data, then what `append` takes, for a group of one: the record. Answers as `append` does. */
export function createRewrite(s: string, appendTypes: string): string {
  const { length } = appendTypes.split(', ')
  const recordNames = Array.from({ length }, (_, at) => `$${at + 5}`).join(', ')
  return `CREATE FUNCTION ${s}.rewrite(
  text, text, integer, text, ${appendTypes}
) RETURNS bigint[] LANGUAGE plpgsql VOLATILE AS $rewrite$
DECLARE
  found_position bigint;
  verdict bigint[];
BEGIN
  PERFORM set_config('lock_timeout', $${length + 4}::text, true);
  LOCK TABLE ${s}.head IN SHARE UPDATE EXCLUSIVE MODE;
  verdict := ${s}.append(${recordNames});
  IF NOT EXISTS (SELECT FROM ${s}.commits c WHERE c.commit_no > verdict[1]) THEN
    RETURN verdict;
  END IF;
  SELECT e.position INTO found_position
    FROM ${s}.commits c JOIN ${s}.events e ON e.position = c.position - c.event_count + $3 + 1
    WHERE ${s}.index_key(c.tenant) = ${s}.index_key($1) AND c.command_id = $2 AND $3 < c.event_count
      AND e.type <> 'Gesta.Deleted';
  IF found_position IS NULL THEN
    RAISE EXCEPTION 'no such event' USING ERRCODE = 'no_data_found';
  END IF;
  UPDATE ${s}.events SET data = coalesce($4, 'null'), type = CASE WHEN $4 IS NULL THEN 'Gesta.Deleted' ELSE type END
    WHERE position = found_position;
  RETURN verdict;
END
$rewrite$`
}

/**
 * Audit entries stay, and with each the header of its command, numbered from 1 in their order: an entry alone would not say whose it is.
 * `more`: a statement that a later form of the function ends with.
 */
export function resetFunction(s: string, more?: string): string {
  return `FUNCTION ${s}.reset(new_incarnation text, new_secret text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $reset$
BEGIN
  PERFORM ${s}.begin_change(true);
  LOCK TABLE ${s}.head IN SHARE UPDATE EXCLUSIVE MODE;
  DELETE FROM ${s}.events;
  DELETE FROM ${s}.idempotency;
  DELETE FROM ${s}.outbox;
  DELETE FROM ${s}.jobs;
  DELETE FROM ${s}.commits c WHERE NOT EXISTS (SELECT FROM ${s}.audit a WHERE a.commit_no = c.commit_no);
  -- A number is free when it is given: below zero first, and then in place.
  UPDATE ${s}.commits c SET commit_no = -n.number, position = 0, event_count = 0
    FROM (SELECT commit_no, row_number() OVER (ORDER BY commit_no) AS number FROM ${s}.commits) n
    WHERE n.commit_no = c.commit_no;
  UPDATE ${s}.audit a SET commit_no = -n.number
    FROM (SELECT commit_no, dense_rank() OVER (ORDER BY commit_no) AS number, idx FROM ${s}.audit) n
    WHERE n.commit_no = a.commit_no AND n.idx = a.idx;
  UPDATE ${s}.commits SET commit_no = -commit_no;
  UPDATE ${s}.audit SET commit_no = -commit_no;
  UPDATE ${s}.log SET incarnation = new_incarnation, secret = new_secret;${more === undefined ? '' : `\n  ${more};`}
END
$reset$`
}
