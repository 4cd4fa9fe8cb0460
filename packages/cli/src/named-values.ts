// Operands such as `limits.ordersMax=7`: keys with values, each of them JSON or else the text that it is.
import { UsageError } from './usage-error.ts'

/** Errors: `UsageError` for a word without a key, for a key that is there twice, and for a number that JSON does not keep. */
export function namedValues(operands: readonly string[]): { readonly [key: string]: unknown } {
  const named = new Map<string, unknown>()
  for (const operand of operands) {
    const at = operand.indexOf('=')
    if (at < 1) throw new UsageError('Expected KEY=VALUE, received a word without a key and "=".')
    const key = operand.slice(0, at)
    if (named.has(key)) throw new UsageError(`Expected each key once, received "${key}" twice.`)
    named.set(key, valueOf(key, operand.slice(at + 1)))
  }
  return Object.fromEntries(named)
}

function valueOf(key: string, text: string): unknown {
  try {
    // The reviver is told how a number was written since ES2026, which the types do not know yet.
    const kept = (_: string, value: unknown, told?: { readonly source?: string }): unknown => {
      if (typeof value !== 'number' || told?.source === undefined || digitsOf(told.source) === digitsOf(String(value)))
        return value
      const hint = 'Write it in quotes, if a text will do.'
      throw new UsageError(
        `Expected a number that JSON keeps as it is; of that of "${key}" it keeps another one. ${hint}`,
      )
    }
    return JSON.parse(text, kept)
  } catch (error) {
    if (error instanceof UsageError) throw error
    return text
  }
}

/** Those that count: `1.20e3` and `1200` have the same. */
function digitsOf(number: string): string {
  return number
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '')
}
