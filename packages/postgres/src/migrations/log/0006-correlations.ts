// The index of correlations without their order goes, now that there is one with it. Apart from the building of that one: what removes
// an index waits for whoever reads the table, and a transaction that has locked it against appends already would keep both waiting.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. */
export function correlations(s: string): Migration {
  return { number: 6, name: 'correlations', statements: [`DROP INDEX ${s}.commits_correlation`] }
}
