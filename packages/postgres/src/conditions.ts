// Conditions of a list, put together: the texts of SQL with the values that they compare with.
import type { Value } from './driver.ts'

/** Conditions that must all hold, over values that are numbered as they come. */
export interface Where {
  readonly values: readonly Value[]
  /** A placeholder for a value. */
  bind(value: Value): string
  /** One more condition; nothing is asked when there is no value. */
  and<Given>(value: Given | undefined, sql: (value: Given) => string): void
  /** One more condition, as several of which one holds at most: each has an index of its own. At most once. */
  either(ways: readonly string[]): void
  /** All of them, as SQL. */
  readonly sql: string
  /** The same for each way alone; all of them, when there are no several ways. */
  readonly ways: readonly string[]
}

export function createWhere(): Where {
  const values: Value[] = []
  const conditions: string[] = []
  let ways: readonly string[] | undefined
  const all = (more: readonly string[]): string => [...conditions, ...more].join(' AND ') || 'true'
  return {
    values,
    bind: (value) => `$${values.push(value)}`,
    and: (value, sql) => {
      if (value !== undefined) conditions.push(sql(value))
    },
    either: (given) => {
      ways = given
    },
    get sql() {
      return all(ways === undefined ? [] : [`(${ways.join(' OR ')})`])
    },
    get ways() {
      return ways === undefined ? [all([])] : ways.map((way) => all([way]))
    },
  }
}
