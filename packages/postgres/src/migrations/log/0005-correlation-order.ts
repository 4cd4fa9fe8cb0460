// Commands of one correlation in their order: the index of correlations has the commit number too, so that a page of a long correlation
// costs what the page has. Building it is a migration of its own: appends wait for it, and reads do not.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function correlationOrder(s: string): Migration {
  // Appends wait here, and hear of whom: one that has read the table and may not write to it yet would only be in the way.
  const lockHead = `LOCK TABLE ${s}.head IN SHARE UPDATE EXCLUSIVE MODE`
  const createIndex = `CREATE INDEX commits_correlation_order ON ${s}.commits (correlation_id, commit_no) WHERE correlation_id IS NOT NULL`
  return { number: 5, name: 'correlation-order', statements: [lockHead, createIndex] }
}
