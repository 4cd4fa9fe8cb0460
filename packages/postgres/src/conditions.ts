// Conditions of a list, put together: the texts of SQL with the values that they compare with.
import type { Value } from './driver.ts'

/** Conditions that must all hold, over values that are numbered as they come. */
export interface Where {
  readonly values: readonly Value[]
  /** A placeholder for a value. */
  bind(value: Value): string
  /** One more condition; nothing is asked when there is no value. */
  and<Given>(value: Given | undefined, sql: (value: Given) => string): void
  /** All of them, as SQL. */
  readonly sql: string
}

export function createWhere(): Where {
  const values: Value[] = []
  const conditions: string[] = []
  return {
    values,
    bind: (value) => `$${values.push(value)}`,
    and: (value, sql) => {
      if (value !== undefined) conditions.push(sql(value))
    },
    get sql() {
      return conditions.length === 0 ? 'true' : conditions.join(' AND ')
    },
  }
}
