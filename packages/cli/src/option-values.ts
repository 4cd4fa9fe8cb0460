// Values of options: what has to be there, whole numbers, and lists.
import { UsageError } from './usage-error.ts'

/** A whole number from `least`; absent when it was not given. Errors: `UsageError`. */
export function wholeNumber(option: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value
  throw new UsageError(`Expected --${option} to be a whole number from ${least}, received "${text}".`)
}

/** A value that a command cannot do without. Errors: `UsageError`. */
export function needed<Value>(option: string, value: Value | undefined): Value {
  if (value === undefined) throw new UsageError(`Expected --${option}, received none.`)
  return value
}

/** The texts between commas; absent when none were given. */
export function listed(text: string | undefined): readonly string[] | undefined {
  return text?.split(',').map((one) => one.trim())
}
