// What cases about own tables are written with: one table that both dialects understand, and statements on it.
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isGestaError } from '../../errors/gesta-error.ts'
import type { OwnTables, SqlStatement, SqlValue } from '../../stores/read-model/own-tables.ts'
import type { ReadModelStore, View } from '../../stores/read-model/read-model-store.ts'
import { at, orders } from './given.ts'

type Found = { readonly [column: string]: SqlValue }

/** A table `lines` with a column of each type, and an index. */
export function linesIn({ dialect }: ReadModelStore): OwnTables {
  return {
    names: ['lines'],
    create: (table) => [
      `create table ${table('lines')} (id text primary key, amount bigint, share double precision, paid boolean, note text)`,
      `create index ${dialect === 'sqlite' ? 'lines_by_note' : ''} on ${table('lines')} (note)`,
    ],
  }
}
export function openLines(store: ReadModelStore, generation: number = orders.generation): Promise<View> {
  return store.open({ ...orders, generation }, linesIn(store))
}
/** Statements may say `lines` in braces for the table's real name. */
export function on(view: View, text: string, ...values: readonly SqlValue[]): SqlStatement {
  return { text: text.replaceAll('{lines}', view.table('lines')), values }
}
export const add = (view: View, id: string, note: SqlValue = null): SqlStatement =>
  on(view, 'insert into {lines} (id, note) values ($1, $2)', id, note)

/** Brings the view from `expected` to the next position with these statements, and insists that it moved. */
export async function ran(view: View, expected: number, statements: readonly SqlStatement[]): Promise<void> {
  assert.equal(await view.flush({ expected: at(expected), next: at(expected + 1), writes: [], statements }), true)
}
export async function select(view: View, text: string, ...values: readonly SqlValue[]): Promise<readonly Found[]> {
  return (await view.select(on(view, text, ...values))).map((row) => ({ ...row }))
}
/** The ids of all lines, in their order, in one text. */
export async function ids(view: View): Promise<string> {
  return (await select(view, 'select id from {lines} order by id')).map(({ id }) => String(id)).join(' ')
}
/** Whether an error is a plain one that names the statement and none of its values. */
export function tellsOf({ text, values }: SqlStatement): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof Error && !isGestaError(error), inspect(error))
    assert.ok(error.message.includes(text), `names the statement: ${error.message}`)
    const shown = inspect(error, { depth: 9, showHidden: true })
    for (const value of values)
      if (typeof value === 'string') assert.ok(!shown.includes(value), `does not show the value ${value}: ${shown}`)
    return true
  }
}
