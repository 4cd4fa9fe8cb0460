// The audit log: a chain of entries per tenant that nothing changes. What the table before it held becomes the beginning of the chains.
import type { Migration } from '@gesta/core/ports'

/** A tenant's entries are numbered from 1 without gaps, in commit order. data is exact JSON text; hash continues the one before. */
const createAuditLog = `CREATE TABLE audit_log (
  entry_no INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  command_id TEXT NOT NULL,
  idx INTEGER NOT NULL,
  recorded_at INTEGER NOT NULL,
  action TEXT NOT NULL,
  actor TEXT NOT NULL,
  resource TEXT NOT NULL,
  outcome TEXT NOT NULL,
  data TEXT NOT NULL,
  hash TEXT NOT NULL,
  UNIQUE (tenant, command_id, idx)
) STRICT`

/**
 * Entries of before said neither who acted nor what came of it: both are taken from their commits, and the actor is as long as an
 * entry's may be. `gesta_audit_chain` is a function of the connection (audit-chain-function.ts).
 */
const moveEntries = `INSERT INTO audit_log (tenant, sequence, command_id, idx, recorded_at, action, actor, resource, outcome, data, hash)
  SELECT tenant, sequence, command_id, idx, recorded_at, action, actor, '', outcome, data,
    gesta_audit_chain(tenant, sequence, command_id, idx, recorded_at, action, actor, '', outcome, data) OVER (PARTITION BY tenant ORDER BY sequence)
  FROM (
    SELECT c.tenant, row_number() OVER (PARTITION BY c.tenant ORDER BY a.commit_no, a.idx) AS sequence, c.command_id, a.idx, c.recorded_at, a.action,
      substr(CAST(coalesce(json_extract(c.context, '$.identity'), json_extract(c.context, '$.account'), '') AS TEXT), 1, 1024) AS actor,
      CASE WHEN c.outcome IN ('accepted', 'duplicate') THEN 'succeeded' WHEN c.outcome IN ('rejected', 'denied') THEN c.outcome ELSE 'failed' END AS outcome, a.data
    FROM audit a JOIN commits c ON c.commit_no = a.commit_no
  )`
const dropAudit = 'DROP TABLE audit'

const indexChains = 'CREATE UNIQUE INDEX audit_log_chain ON audit_log (tenant, sequence)'
/** In the order of lists, so that a page of a filter is read as it lies. */
const indexActors = 'CREATE INDEX audit_log_actor ON audit_log (actor, tenant, sequence)'
const indexResources = 'CREATE INDEX audit_log_resource ON audit_log (resource, tenant, sequence)'
const indexActions = 'CREATE INDEX audit_log_action ON audit_log (action, tenant, sequence)'
const indexTimes = 'CREATE INDEX audit_log_time ON audit_log (tenant, recorded_at)'

const refuse = (when: string): string =>
  `BEFORE ${when} BEGIN SELECT RAISE(ABORT, 'entries of the audit log are never changed'); END`
const neverUpdate = `CREATE TRIGGER audit_log_never_updated ${refuse('UPDATE ON audit_log')}`
const neverDelete = `CREATE TRIGGER audit_log_never_deleted ${refuse('DELETE ON audit_log')}`
/** INSERT OR REPLACE deletes without asking the trigger of deletions. */
const neverReplace = `CREATE TRIGGER audit_log_never_replaced ${refuse(`INSERT ON audit_log
  WHEN EXISTS (SELECT 1 FROM audit_log WHERE entry_no = NEW.entry_no)
    OR EXISTS (SELECT 1 FROM audit_log WHERE tenant = NEW.tenant AND sequence = NEW.sequence)
    OR EXISTS (SELECT 1 FROM audit_log WHERE tenant = NEW.tenant AND command_id = NEW.command_id AND idx = NEW.idx)`)}`

export const auditLog: Migration = {
  number: 3,
  name: 'audit-log',
  statements: [
    createAuditLog,
    moveEntries,
    dropAudit,
    indexChains,
    indexActors,
    indexResources,
    indexActions,
    indexTimes,
    neverUpdate,
    neverDelete,
    neverReplace,
  ],
}
