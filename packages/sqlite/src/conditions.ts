// Conditions of a list, put together: the texts of SQL with the values that they compare with.
import type { Cell, Database, Statement } from './database.ts'
import { prepareRows } from './database.ts'

export interface Condition {
  readonly sql: string
  readonly values: readonly Cell[]
}

/** All of them must hold; those that are `undefined` were not asked for. */
export function allOf(conditions: readonly (Condition | undefined)[]): Condition {
  const asked = conditions.filter((condition) => condition !== undefined)
  return {
    sql: asked.length === 0 ? 'true' : asked.map(({ sql }) => sql).join(' AND '),
    values: asked.flatMap(({ values }) => values),
  }
}

/** Prepares statements by their text and keeps them: a list has few shapes and many values. */
export function createStatements(db: Database): (sql: string) => Statement {
  const prepared = new Map<string, Statement>()
  return (sql) => {
    let statement = prepared.get(sql)
    if (statement === undefined) prepared.set(sql, (statement = prepareRows(db, sql)))
    return statement
  }
}
