// Whether a value comes back from JSON as it went: then its text need not be made to know what a reader of it would see.

/** Deeper values are not looked through; they are few, and the way over the text is always right. */
const levelsMax = 16

/** Plain objects and arrays of texts, booleans, null and finite numbers. -0, `undefined`, holes, classes and `toJSON` are not plain. */
export function isPlain(value: unknown, level = 0): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || level === levelsMax) return false
  return Array.isArray(value) ? isPlainArray(value, level) : isPlainObject(value, level)
}

function isPlainArray(value: readonly unknown[], level: number): boolean {
  if (Object.getPrototypeOf(value) !== Array.prototype || Object.keys(value).length !== value.length) return false
  for (const item of value) if (!isPlain(item, level + 1) || isLoose(value, item)) return false
  return true
}

function isPlainObject(value: object, level: number): boolean {
  if (Object.getPrototypeOf(value) !== Object.prototype || Object.getOwnPropertySymbols(value).length > 0) return false
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key]
    if (!isPlain(field, level + 1) || isLoose(value, field)) return false
  }
  return true
}

/** Freezing does not enter what is frozen already, so nothing below it may still be changed. */
function isLoose(whole: object, part: unknown): boolean {
  return typeof part === 'object' && part !== null && !Object.isFrozen(part) && Object.isFrozen(whole)
}
