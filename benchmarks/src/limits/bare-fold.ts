// The limit of a cold load: the same texts, read, parsed and folded by hand.
import { DatabaseSync } from 'node:sqlite'
import { emptyLedger, entryOf, withEntry } from '../ledger.ts'
import type { Entry, LedgerState } from '../ledger.ts'

/** Folds a history once; returns the state, so that nothing can be left out. */
export type Fold = () => LedgerState

/** Over texts that lie in memory. */
export function foldInMemory(events: number): Fold {
  const texts = Array.from({ length: events }, (_, index) => JSON.stringify(entryOf(index)))
  return () => texts.reduce((ledger, text) => withEntry(ledger, JSON.parse(text) as Entry), emptyLedger)
}

/** Over the rows of the very file that gesta reads, in the order of the stream. */
export function foldOnFile(path: string, ledgerId: string): Fold {
  const select = `SELECT data FROM events WHERE tenant = '' AND aggregate_type = 'Ledger' AND aggregate_id = ? ORDER BY version`
  return () => {
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      const rows = db.prepare(select).all(ledgerId) as { readonly data: string }[]
      return rows.reduce((ledger, { data }) => withEntry(ledger, JSON.parse(data) as Entry), emptyLedger)
    } finally {
      db.close()
    }
  }
}
