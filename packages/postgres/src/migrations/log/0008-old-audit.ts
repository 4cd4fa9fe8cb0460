// The old table of audit entries goes: a view stands for it, for processes of the version before, and what they put into it goes into the
// chains. Apart from the moving of the entries: what removes a table waits for whoever reads it, and appends would wait behind that.
import type { Migration } from '@gesta/core/ports'
import { isEntryOf } from './0007-audit-log.ts'

/** `s`: the schema, quoted. */
export function oldAudit(s: string): Migration {
  const createView = `CREATE VIEW ${s}.audit AS SELECT c.commit_no, a.idx, a.action, a.data
  FROM ${s}.commits c JOIN ${s}.audit_log a
    ON ${isEntryOf('a', 'c')}`
  const passOn = `CREATE TRIGGER pass_on INSTEAD OF INSERT ON ${s}.audit FOR EACH ROW EXECUTE FUNCTION ${s}.link_old_audit()`
  return { number: 8, name: 'old-audit', statements: [`DROP TABLE ${s}.audit`, createView, passOn] }
}
