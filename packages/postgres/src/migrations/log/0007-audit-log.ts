// The audit log as a chain for each tenant, stored by a new form of the append, which takes read conditions of other tenants too.
//
// - The old table of audit entries moves into the chains, in commit order. What appends of the version before still put into it goes on
//   into the chains, so they run beside the new ones; the table itself is taken away by the next migration.
// - The triggers refuse every change, also one of the owner's and of a replication session. What a superuser does after having switched
//   them off is found by `verify`.
import type { Migration } from '@gesta/core/ports'
import { createAppend } from './0002-append.ts'
import { createRewrite } from './0003-rewrite.ts'

/** `s`: the schema, quoted. */
export function auditLog(s: string): Migration {
  // Appends wait until the entries have moved.
  const lockHead = `LOCK TABLE ${s}.head IN SHARE UPDATE EXCLUSIVE MODE`

  /** hash is text in hexadecimal. Columns are in the order in which they need no room between them. */
  const createTable = `CREATE TABLE ${s}.audit_log (
  sequence bigint NOT NULL,
  recorded_at bigint NOT NULL,
  idx integer NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  command_id text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  data text NOT NULL,
  hash text NOT NULL,
  PRIMARY KEY (tenant, sequence)
)`
  /** Each filter has the order of the list behind it, with a tenant and without. Most entries succeeded: those are not searched for. */
  const createIndexes = [
    `CREATE UNIQUE INDEX audit_log_command ON ${s}.audit_log (command_id, ${s}.index_key(tenant), idx)`,
    ...['action', 'actor', 'resource'].map(
      (column) => `CREATE INDEX audit_log_${column} ON ${s}.audit_log (${s}.index_key(${column}), tenant, sequence)`,
    ),
    `CREATE INDEX audit_log_outcome ON ${s}.audit_log (outcome, tenant, sequence) WHERE outcome <> 'succeeded'`,
    `CREATE INDEX audit_log_time ON ${s}.audit_log (tenant, recorded_at)`,
  ]
  const createRefusal = `CREATE FUNCTION ${s}.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $refuse$
BEGIN
  RAISE EXCEPTION 'the audit log is only added to: no % of its entries', lower(TG_OP) USING ERRCODE = 'restrict_violation';
END
$refuse$`
  const refuseChanges = `CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ${s}.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION ${s}.refuse_audit_change()`
  const refuseAlways = `ALTER TABLE ${s}.audit_log ENABLE ALWAYS TRIGGER refuse_change`

  /** What `chainHash` of core says, of texts in UTF-8, which the database has. */
  const createHash = `CREATE FUNCTION ${s}.chain_hash(texts text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (SELECT encode(sha256(string_agg(int4send(octet_length(t)) || convert_to(t, 'UTF8'), ''::bytea ORDER BY n)), 'hex')
    FROM unnest(texts) WITH ORDINALITY u(t, n))`
  /** Behind the last entry of the tenant. Whoever calls it has the head lock. */
  const createLink = `CREATE FUNCTION ${s}.link_audit(
  of_tenant text, of_command text, at_idx integer, at_us bigint, action text, actor text, resource text, outcome text, data text
) RETURNS void LANGUAGE plpgsql VOLATILE AS $link$
DECLARE
  last_sequence bigint;
  last_hash text;
BEGIN
  SELECT a.sequence, a.hash INTO last_sequence, last_hash
    FROM ${s}.audit_log a WHERE a.tenant = of_tenant ORDER BY a.sequence DESC LIMIT 1;
  last_sequence := coalesce(last_sequence, 0) + 1;
  last_hash := coalesce(last_hash, repeat('0', 64));
  INSERT INTO ${s}.audit_log
      (sequence, recorded_at, idx, tenant, command_id, action, actor, resource, outcome, data, hash)
    VALUES (last_sequence, at_us, at_idx, of_tenant, of_command, action, actor, resource, outcome, data,
      ${s}.chain_hash(ARRAY['gesta-audit-1', of_tenant, last_sequence::text, of_command, at_idx::text, at_us::text,
        action, actor, resource, outcome, data, last_hash]));
END
$link$`
  /** audit_texts: action, actor, resource, outcome, data; audit_numbers: ordinal of the commit, idx. Those of refused commits stay out. */
  const createAddAudit = `CREATE FUNCTION ${s}.add_audit(
  commit_texts text[], commit_numbers bigint[], audit_texts text[], audit_numbers bigint[]
) RETURNS void LANGUAGE plpgsql VOLATILE AS $add$
DECLARE
  c integer;
BEGIN
  FOR a IN 0 .. cardinality(audit_numbers) / 2 - 1 LOOP
    c := audit_numbers[2 * a + 1] - 1;
    IF commit_numbers[5 * c + 4] IS NOT NULL THEN
      PERFORM ${s}.link_audit(commit_texts[11 * c + 1], commit_texts[11 * c + 2], audit_numbers[2 * a + 2]::integer,
        commit_numbers[5 * c + 1], audit_texts[5 * a + 1], audit_texts[5 * a + 2], audit_texts[5 * a + 3],
        audit_texts[5 * a + 4], audit_texts[5 * a + 5]);
    END IF;
  END LOOP;
END
$add$`

  /**
   * stream_tenants: for each stream NULL or the tenant of one that is only read; an empty list when no commit reads another tenant's.
   * Audit entries are not among the parts.
   */
  const createAppendWithAudit = createAppend(s, {
    argument: 'details text[], stream_tenants text[], audit_texts text[], audit_numbers bigint[]',
    columns: 'payload, detail',
    values: 'details[2 * c + 1], details[2 * c + 2]',
    streamTenant: 'stream_tenants[i + 1]',
    addAudit: `IF cardinality(audit_numbers) > 0 THEN
    PERFORM ${s}.add_audit(commit_texts, commit_numbers, audit_texts, audit_numbers);
  END IF`,
  })
  const createRewriteWithAudit = createRewrite(
    s,
    `${'text[], bigint[], '.repeat(4)}text[], text[], text[], bigint[], boolean, boolean, text, integer`,
  )

  /** An entry of the old table, from `row`, with what its commit says of it. */
  const linkOld = (row: string): string =>
    `PERFORM ${s}.link_audit(c.tenant, c.command_id, ${row}.idx, c.recorded_at, ${row}.action,
      left(coalesce(${s}.context_of(c.context) ->> 'identity', ${s}.context_of(c.context) ->> 'account', ''), 512),
      '', 'succeeded', ${row}.data)
    FROM ${s}.commits c WHERE c.commit_no = ${row}.commit_no`
  const moveOld = `DO $move$
DECLARE
  entry record;
BEGIN
  PERFORM set_config('enable_seqscan', 'off', true);
  FOR entry IN SELECT a.commit_no, a.idx, a.action, a.data FROM ${s}.audit a ORDER BY a.commit_no, a.idx LOOP
    ${linkOld('entry')};
  END LOOP;
END
$move$`
  const createLinkOld = `CREATE FUNCTION ${s}.link_old_audit() RETURNS trigger LANGUAGE plpgsql AS $link$
BEGIN
  ${linkOld('NEW')};
  RETURN NULL;
END
$link$`
  const passOn = `CREATE TRIGGER pass_on BEFORE INSERT ON ${s}.audit FOR EACH ROW EXECUTE FUNCTION ${s}.link_old_audit()`

  return {
    number: 7,
    name: 'audit-log',
    statements: [
      lockHead,
      createTable,
      ...createIndexes,
      createRefusal,
      refuseChanges,
      refuseAlways,
      createHash,
      createLink,
      createAddAudit,
      createAppendWithAudit,
      createRewriteWithAudit,
      moveOld,
      createLinkOld,
      passOn,
      replaceReset(s),
    ],
  }
}

/** The audit log is not touched: each of its entries keeps the header of its command, numbered from 1 in their order. */
function replaceReset(s: string): string {
  return `CREATE OR REPLACE FUNCTION ${s}.reset(new_incarnation text, new_secret text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $reset$
BEGIN
  PERFORM ${s}.begin_change(true);
  LOCK TABLE ${s}.head IN SHARE UPDATE EXCLUSIVE MODE;
  DELETE FROM ${s}.events;
  DELETE FROM ${s}.idempotency;
  DELETE FROM ${s}.outbox;
  DELETE FROM ${s}.jobs;
  DELETE FROM ${s}.commits c WHERE NOT EXISTS (
    SELECT FROM ${s}.audit_log a WHERE a.command_id = c.command_id AND ${s}.index_key(a.tenant) = ${s}.index_key(c.tenant));
  -- A number is free when it is given: below zero first, and then in place.
  UPDATE ${s}.commits c SET commit_no = -n.number, position = 0, event_count = 0
    FROM (SELECT commit_no, row_number() OVER (ORDER BY commit_no) AS number FROM ${s}.commits) n
    WHERE n.commit_no = c.commit_no;
  UPDATE ${s}.commits SET commit_no = -commit_no;
  UPDATE ${s}.log SET incarnation = new_incarnation, secret = new_secret;
  DELETE FROM ${s}.purges;
  INSERT INTO ${s}.purges (scope, commit_no, purged) SELECT '', 0, count(*) FROM ${s}.commits WHERE detail = '';
END
$reset$`
}
