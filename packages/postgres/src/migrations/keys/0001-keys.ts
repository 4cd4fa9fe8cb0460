// Keys by scope, and the ledger of those that were destroyed. A scope is in one of the two tables, never in both.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function keys(s: string): Migration {
  const scope = `${s}.index_key(tenant), ${s}.index_key(subject)`
  const isScope = (table: string, tenant: string, subject: string): string =>
    `${s}.index_key(${table}.tenant) = ${s}.index_key(${tenant}) AND ${s}.index_key(${table}.subject) = ${s}.index_key(${subject})`

  /** wrapped is base64; subject is empty for the tenant's own key. */
  const createKeys = `CREATE TABLE ${s}.keys (
  tenant text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  key_id text COLLATE "C" NOT NULL,
  wrapped_by text COLLATE "C" NOT NULL,
  wrapped text NOT NULL,
  created_at bigint NOT NULL
)`
  const createKeyIndex = `CREATE UNIQUE INDEX keys_scope ON ${s}.keys (${scope})`
  const createWrappingIndex = `CREATE INDEX keys_wrapped_by ON ${s}.keys (wrapped_by, ${scope})`

  /** key_id is null for a scope that had no key. */
  const createShredded = `CREATE TABLE ${s}.shredded (
  number bigint PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  key_id text,
  reason text NOT NULL,
  shredded_at bigint NOT NULL
)`
  const createShreddedIndex = `CREATE UNIQUE INDEX shredded_scope ON ${s}.shredded (${scope})`

  /** Who puts a key must see that its scope was shredded, or be seen by who shreds. Many put at once; who shreds is alone. */
  const createGate = `CREATE TABLE ${s}.key_gate ()`

  /** The key that the scope has then; no row when it was shredded. */
  const createPut = `CREATE FUNCTION ${s}.put_key(
  new_tenant text, new_subject text, new_key_id text, new_wrapped_by text, new_wrapped text, new_created_at bigint
) RETURNS SETOF ${s}.keys LANGUAGE plpgsql VOLATILE AS $put$
BEGIN
  PERFORM ${s}.begin_change(true);
  LOCK TABLE ${s}.key_gate IN ROW EXCLUSIVE MODE;
  IF EXISTS (SELECT FROM ${s}.shredded x WHERE ${isScope('x', 'new_tenant', 'new_subject')}) THEN RETURN; END IF;
  INSERT INTO ${s}.keys (tenant, subject, key_id, wrapped_by, wrapped, created_at)
    VALUES (new_tenant, new_subject, new_key_id, new_wrapped_by, new_wrapped, new_created_at)
    ON CONFLICT (${scope}) DO NOTHING;
  RETURN QUERY SELECT k.* FROM ${s}.keys k WHERE ${isScope('k', 'new_tenant', 'new_subject')};
END
$put$`

  /** texts: tenant, subject, key id or null, reason, for each time. Returns for each: its entry, and whether a key went. */
  const createShred = `CREATE FUNCTION ${s}.shred_keys(texts text[], times bigint[]) RETURNS TABLE (
  number bigint, tenant text, subject text, key_id text, reason text, shredded_at bigint, destroyed boolean
) LANGUAGE plpgsql VOLATILE AS $shred$
#variable_conflict use_column
DECLARE
  gone text;
BEGIN
  PERFORM ${s}.begin_change(true);
  LOCK TABLE ${s}.key_gate IN SHARE ROW EXCLUSIVE MODE;
  FOR i IN 0 .. cardinality(times) - 1 LOOP
    DELETE FROM ${s}.keys k WHERE ${isScope('k', 'texts[4 * i + 1]', 'texts[4 * i + 2]')} RETURNING k.key_id INTO gone;
    INSERT INTO ${s}.shredded (number, tenant, subject, key_id, reason, shredded_at)
      SELECT coalesce(max(x.number), 0) + 1, texts[4 * i + 1], texts[4 * i + 2], coalesce(texts[4 * i + 3], gone),
        texts[4 * i + 4], times[i + 1]
      FROM ${s}.shredded x
      ON CONFLICT (${scope}) DO NOTHING;
    RETURN QUERY SELECT x.number, x.tenant, x.subject, x.key_id, x.reason, x.shredded_at, gone IS NOT NULL
      FROM ${s}.shredded x WHERE ${isScope('x', 'texts[4 * i + 1]', 'texts[4 * i + 2]')};
  END LOOP;
END
$shred$`

  return {
    number: 1,
    name: 'keys',
    statements: [
      createKeys,
      createKeyIndex,
      createWrappingIndex,
      createShredded,
      createShreddedIndex,
      createGate,
      createPut,
      createShred,
    ],
  }
}
