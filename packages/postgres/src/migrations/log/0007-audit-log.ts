// The audit log as a chain for each tenant, stored by a new form of the append, which takes read conditions of other tenants too.
//
// - The old table of audit entries moves into the chains, in commit order. What appends of the version before still put into it goes on
//   into the chains, so they run beside the new ones; the table itself is taken away by the next migration.
// - The triggers refuse every change, also one of the owner's and of a replication session. What a superuser does after having switched
//   them off is found by `verify`.
import type { Migration } from '@gesta/core/ports'
import { createAppend } from './0002-append.ts'
import type { MoreOfCommits } from './0002-append.ts'
import { createRewrite } from './0003-rewrite.ts'

/** Whether an entry is of a commit, by its index. */
export function isEntryOf(entry: string, commit: string): string {
  const [tenant, other] = [`${entry}.tenant`, `${commit}.tenant`]
  return `${entry}.command_id = ${commit}.command_id AND hashtextextended(${tenant}, 0) = hashtextextended(${other}, 0) AND ${tenant} = ${other}`
}

/** Where a function has the parts of an entry. */
interface Entry {
  readonly time: string
  readonly index: string
  readonly tenant: string
  readonly command: string
  /** Action, actor, resource, outcome, data. */
  readonly facts: readonly string[]
}

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
  /**
   * Each filter has the order of the list behind it, with a tenant and without. Most entries succeeded: those are not searched for. What
   * can be longer than a row of an index is found by a hash, whose function is the server's own: one in SQL, as index_key is, would be
   * planned anew by each statement that adds entries, which takes longer than adding one.
   */
  const hashed = (column: string): string => `hashtextextended(${column}, 0)`
  const createIndexes = [
    `CREATE INDEX audit_log_command ON ${s}.audit_log (command_id, ${hashed('tenant')})`,
    ...['action', 'actor', 'resource'].map(
      (column) => `CREATE INDEX audit_log_${column} ON ${s}.audit_log (${hashed(column)}, tenant, sequence)`,
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

  /** A text behind its length, as `chainHash` of core wants it. STABLE, like what it calls, so that it is put into the expressions it is in. */
  const createSized = `CREATE FUNCTION ${s}.sized(part text) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  RETURN int4send(octet_length(part)) || convert_to(part, 'UTF8')`
  const readLast = (tenant: string): string => `SELECT a.sequence, a.hash INTO last_sequence, last_hash
        FROM ${s}.audit_log a WHERE a.tenant = ${tenant} ORDER BY a.sequence DESC LIMIT 1;
      last_sequence := coalesce(last_sequence, 0);
      last_hash := coalesce(last_hash, repeat('0', 64))`
  /** One more entry of a tenant, behind what was read or added last; `facts` are those of the entry in the order of its columns. */
  const addNext = ({ time, index, tenant, command, facts }: Entry): string => {
    const numbers = ['last_sequence::text', command, `${index}::text`, `${time}::text`]
    const parts = [`'gesta-audit-1'`, tenant, ...numbers, ...facts, 'last_hash']
    return `last_sequence := last_sequence + 1;
    last_hash := encode(sha256(${parts.map((part) => `${s}.sized(${part})`).join(' || ')}), 'hex');
    INSERT INTO ${s}.audit_log (sequence, recorded_at, idx, tenant, command_id, action, actor, resource, outcome, data, hash)
      VALUES (last_sequence, ${[time, index, tenant, command, ...facts].join(', ')}, last_hash)`
  }

  /**
   * audit_texts: action, actor, resource, outcome, data; audit_numbers: ordinal of the commit, idx. Those of refused commits stay out.
   * Tenant by tenant, so that the end of each chain is looked for once. Whoever calls it has the head lock.
   */
  const createAddAudit = `CREATE FUNCTION ${s}.add_audit(
  commit_texts text[], commit_numbers bigint[], audit_texts text[], audit_numbers bigint[]
) RETURNS void LANGUAGE plpgsql VOLATILE AS $add$
DECLARE
  e record;
  last_tenant text;
  last_sequence bigint;
  last_hash text;
BEGIN
  FOR e IN SELECT commit_texts[11 * c + 1] COLLATE "C" AS tenant, a, commit_texts[11 * c + 2] AS command_id,
      commit_numbers[5 * c + 1] AS recorded_at, audit_numbers[2 * a + 2]::integer AS idx,
      audit_texts[5 * a + 1] AS action, audit_texts[5 * a + 2] AS actor, audit_texts[5 * a + 3] AS resource,
      audit_texts[5 * a + 4] AS outcome, audit_texts[5 * a + 5] AS data
    FROM generate_series(0, cardinality(audit_numbers) / 2 - 1) a
    CROSS JOIN LATERAL (SELECT audit_numbers[2 * a + 1] - 1 AS c OFFSET 0) of_commit
    WHERE commit_numbers[5 * c + 4] IS NOT NULL ORDER BY 1, 2
  LOOP
    IF e.tenant IS DISTINCT FROM last_tenant THEN
      ${readLast('e.tenant')};
      last_tenant := e.tenant;
    END IF;
    ${addNext({
      time: 'e.recorded_at',
      index: 'e.idx',
      tenant: 'e.tenant',
      command: 'e.command_id',
      facts: ['e.action', 'e.actor', 'e.resource', 'e.outcome', 'e.data'],
    })};
  END LOOP;
END
$add$`
  /** One entry. Whoever calls it has the head lock. */
  const createLink = `CREATE FUNCTION ${s}.link_audit(
  of_tenant text, of_command text, at_idx integer, at_us bigint, action text, actor text, resource text, outcome text, data text
) RETURNS void LANGUAGE plpgsql VOLATILE AS $link$
DECLARE
  last_sequence bigint;
  last_hash text;
BEGIN
  ${readLast('of_tenant')};
  ${addNext({
    time: 'at_us',
    index: 'at_idx',
    tenant: 'of_tenant',
    command: 'of_command',
    facts: ['action', 'actor', 'resource', 'outcome', 'data'],
  })};
END
$link$`

  const createAppendWithAudit = createAppend(s, moreWithAudit(s))
  const createRewriteWithAudit = createRewrite(
    s,
    `${'text[], bigint[], '.repeat(4)}text[], text[], text[], bigint[], boolean, boolean, text, integer`,
  )

  /** An entry of the old table, from `row`, with what its commit says of who acted, as long as an actor may be, and of what came of it. */
  const linkOld = (row: string): string =>
    `PERFORM ${s}.link_audit(c.tenant, c.command_id, ${row}.idx, c.recorded_at, ${row}.action,
      left(coalesce(${s}.context_of(c.context) ->> 'identity', ${s}.context_of(c.context) ->> 'account', ''), 1024), '',
      CASE WHEN c.outcome IN ('accepted', 'duplicate') THEN 'succeeded' WHEN c.outcome IN ('rejected', 'denied') THEN c.outcome ELSE 'failed' END,
      ${row}.data)
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
      createSized,
      createAddAudit,
      createLink,
      createAppendWithAudit,
      createRewriteWithAudit,
      moveOld,
      createLinkOld,
      passOn,
      replaceReset(s),
    ],
  }
}

/**
 * stream_tenants: for each stream NULL or the tenant of one that is only read; an empty list when no commit reads another tenant's.
 * Audit entries are not among the parts.
 */
export function moreWithAudit(s: string): MoreOfCommits {
  return {
    argument: 'details text[], stream_tenants text[], audit_texts text[], audit_numbers bigint[]',
    columns: 'payload, detail',
    values: 'details[2 * c + 1], details[2 * c + 2]',
    streamTenant: 'stream_tenants[i + 1]',
    addAudit: `IF cardinality(audit_numbers) > 0 THEN
    PERFORM ${s}.add_audit(commit_texts, commit_numbers, audit_texts, audit_numbers);
  END IF`,
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
    SELECT FROM ${s}.audit_log a WHERE ${isEntryOf('a', 'c')});
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
