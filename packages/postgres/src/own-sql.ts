// SQL of a read model's own: how its tables are called and made, and what is said when a statement of it fails.
import type { OwnTables, TableName, ViewName } from '@gesta/core/ports'
import { textArray } from './binary-arrays.ts'
import type { Pool } from './pool.ts'
import { isOfServer, noSuchView, stateOf } from './postgres-errors.ts'

/** The names of a view's own tables. `s`: the schema, quoted. */
export function tableNames(s: string, id: number, view: ViewName, tables: OwnTables | undefined): TableName {
  const names = new Set(tables?.names)
  return (name) => {
    if (names.has(name)) return `${s}."view_${id}_${name}"`
    throw new Error(
      `Expected a table of the read model ${view.name}, received "${name}". Its tables: ${[...names].join(', ') || 'none'}.`,
    )
  }
}

/** Makes them when they are not there; of several processes one does. */
export async function makeTables(
  pool: Pool,
  s: string,
  id: number,
  tables: OwnTables,
  table: TableName,
): Promise<void> {
  const statements = tables.create(table)
  for (const statement of statements) checkOwnStatement(statement, 'create')
  try {
    await pool.write(`SELECT ${s}.make_tables(${id}, $1, $2)`, [textArray(tables.names), textArray(statements)])
  } catch (error) {
    throw tablesError(error)
  }
}

function tablesError(error: unknown): unknown {
  const state = stateOf(error)
  const cause = error instanceof Error ? error.cause : undefined
  if (state === undefined || state === noSuchView || isOfServer(cause) || !(cause instanceof Error)) return error
  // The server names the statement, and there are no values in it. The store's own error would be taken for a fault of the schema.
  return new Error(
    `Expected the tables of a read model to be made, but PostgreSQL refused it (${state}): ${cause.message}. Mend the statement; for other tables than before raise modelVersion.`,
    { cause },
  )
}

type Use = 'flush' | 'select' | 'create'
const beginnings: { readonly [use in Use]: readonly string[] } = {
  flush: ['insert', 'update', 'delete', 'merge', 'with', 'select', 'truncate'],
  select: ['select', 'with', 'values'],
  create: ['create', 'alter', 'comment', 'insert'],
}

/** Others would end the transaction, change the session, or take the connection for data. Throws a plain error. */
export function checkOwnStatement(text: string, use: Use): void {
  const word = /^\s*([a-z]+)\b/i.exec(text)?.[1] ?? ''
  if (beginnings[use].includes(word.toLowerCase())) return
  throw new Error(
    `Expected a statement of the read model's own to begin with one of ${beginnings[use].join(', ')}, received: ${text}`,
  )
}

/** What a failing statement of a read model's own is told as: its text and why, without values; troubles of the server as they are. */
export function ownError(error: unknown, text: string): unknown {
  const state = stateOf(error)
  if (state === undefined || isOfServer((error as Error).cause)) return error
  // What the server says may hold values, so neither its message nor the error itself goes on.
  return new Error(`Expected a statement of the read model's own to run, but PostgreSQL refused it (${state}): ${text}`)
}
