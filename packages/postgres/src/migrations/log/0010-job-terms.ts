// The terms of a job beside its payload. The append takes what it took, so a process of the version before goes on with it; what that
// one stores has the terms of jobs that say nothing, which is what it meant.
import type { Migration } from '@gesta/core/ports'
import { createAppend } from './0002-append.ts'
import { moreWithAudit } from './0007-audit-log.ts'

/** `s`: the schema, quoted. */
export function jobTerms(s: string): Migration {
  /** JSON text. No default, so no row is written for it. */
  const addTerms = `ALTER TABLE ${s}.jobs ADD COLUMN terms text`
  /** Most jobs have none: those that have any are found behind any number of these. */
  const createTermsIndex = `CREATE INDEX jobs_terms ON ${s}.jobs (commit_no, idx) WHERE terms IS NOT NULL`
  const replaceAppend = createAppend(s, { ...moreWithAudit(s), jobTerms: true }).replace(
    'CREATE FUNCTION',
    'CREATE OR REPLACE FUNCTION',
  )
  return { number: 10, name: 'job-terms', statements: [addTerms, createTermsIndex, replaceAppend] }
}
