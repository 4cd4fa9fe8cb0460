// Tables of a read model's own, in the file of the view: their names, and how they are made and emptied.
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'
import { createOwnSql, ownTable, StatementRefused } from './own-sql.ts'
import { transaction } from './side-file.ts'
import type { SentTables } from './view-messages.ts'

const findTable = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?`
/** Shadow tables are not among them: they are emptied by the virtual table that they belong to. */
const findOwnTables = String.raw`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name LIKE 'own\_%' ESCAPE '\'`
const findSequences = `SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'`

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Makes the tables, all of them or none, unless they are there. */
export function makeTables(db: Database, { names, create }: SentTables): void {
  const table = prepareRows(db, findTable)
  const missing = (): string | undefined => names.find((name) => firstRow(table, ownTable(name)) === undefined)
  if (missing() === undefined) return
  const sql = createOwnSql(db, 'create')
  transaction(db, () => {
    for (const text of create) sql.run({ text, values: [] })
    const name = missing()
    if (name !== undefined)
      throw new StatementRefused(
        `Expected the statements that make tables to make "${name}", but there is none after them. Make it, or leave it out of the names.`,
      )
  })
}

/** Empties all of them, and what numbers their rows. To be called in a transaction, with foreign keys off: the order is any. */
export function emptyTables(db: Database): void {
  for (const [name] of allRows(prepareRows(db, findOwnTables))) db.exec(`DELETE FROM ${quoted(String(name))}`)
  if (firstRow(prepareRows(db, findSequences)) !== undefined) db.exec('DELETE FROM sqlite_sequence')
}
