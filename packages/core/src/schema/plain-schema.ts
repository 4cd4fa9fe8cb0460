// Schemas without a library, for the contracts that gesta itself brings: they validate, and say what they are as JSON Schema.
import type { JsonSchema, SchemaSide } from './json-schema.ts'
import type { Issue, Validation } from './schema.ts'

type Path = readonly (string | number)[]
interface Rule<T> {
  /** The value as a copy; what is wrong goes into `issues`. */
  readonly check: (value: unknown, path: Path, issues: Issue[]) => T
  readonly json: (side: SchemaSide) => JsonSchema
}
/** A Standard Schema that is a Standard JSON Schema too. */
export interface PlainSchema<T> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: 'gesta'
    readonly validate: (value: unknown) => Validation<T>
    readonly types?: { readonly input: T; readonly output: T } | undefined
    readonly jsonSchema: { readonly [side in SchemaSide]: (options: { readonly target: string }) => JsonSchema }
  }
  readonly rule: Rule<T>
}
/** A field that may be absent. */
export interface OptionalField<T> {
  readonly optional: PlainSchema<T>
}
type Field<T> = undefined extends T ? OptionalField<Exclude<T, undefined>> : PlainSchema<T>

function plain<T>(rule: Rule<T>): PlainSchema<T> {
  const validate = (value: unknown): Validation<T> => {
    const issues: Issue[] = []
    const checked = rule.check(value, [], issues)
    return issues.length > 0 ? { issues } : { value: checked }
  }
  const json = (side: SchemaSide) => (): JsonSchema => ({ $schema: draft, ...rule.json(side) })
  const jsonSchema = { input: json('input'), output: json('output') }
  return { '~standard': { version: 1, vendor: 'gesta', validate, jsonSchema }, rule }
}
const draft = 'https://json-schema.org/draft/2020-12/schema'

function of<T>(json: JsonSchema, what: string, fits: (value: unknown) => boolean): PlainSchema<T> {
  return plain<T>({
    check: (value, path, issues) => {
      if (!fits(value)) issues.push({ message: `Expected ${what}, received ${nameOf(value)}.`, path })
      return value as T
    },
    json: () => json,
  })
}
function nameOf(value: unknown): string {
  return value === null ? 'null' : value === undefined ? 'nothing' : Array.isArray(value) ? 'a list' : typeof value
}

/** Text of `min` to `max` characters. */
export function text(min = 0, max: number = Number.POSITIVE_INFINITY): PlainSchema<string> {
  const json = { type: 'string', ...(min > 0 && { minLength: min }), ...(Number.isFinite(max) && { maxLength: max }) }
  const bounds = Number.isFinite(max) ? ` of ${min} to ${max} characters` : min > 0 ? ' that is not empty' : ''
  return of(json, `text${bounds}`, (value) => typeof value === 'string' && value.length >= min && value.length <= max)
}
/** RFC 3339. Microseconds of a time are a safe integer, so it ends in 2254. */
export const time: PlainSchema<string> = of(
  { type: 'string', format: 'date-time' },
  'a time such as 2026-01-31T12:00:00Z, from 1970 to 2254',
  isTime,
)
function isTime(value: unknown): boolean {
  const [, seconds] = (typeof value === 'string' && timePattern.exec(value)) || []
  const milliseconds = Date.parse(value as string)
  if (seconds === undefined || !(milliseconds >= 0) || milliseconds >= timeEndMs) return false
  // The 31st of February would be taken for a day in March.
  return new Date(`${seconds}Z`).toISOString().startsWith(seconds)
}
const timePattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
const timeEndMs = Date.UTC(2255)

export function whole(min = 0, max: number = Number.MAX_SAFE_INTEGER): PlainSchema<number> {
  const json = { type: 'integer', minimum: min, ...(max < Number.MAX_SAFE_INTEGER && { maximum: max }) }
  return of(json, `a whole number from ${min} to ${max}`, (value) => {
    return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
  })
}
export const number: PlainSchema<number> = of({ type: 'number' }, 'a number', (value) => Number.isFinite(value))
export const flag: PlainSchema<boolean> = of({ type: 'boolean' }, 'true or false', (value) => value === !!value)
/** Any JSON value. */
export const anyValue: PlainSchema<unknown> = of({}, 'a value', (value) => value !== undefined)

export function oneOf<const T extends string>(values: readonly T[]): PlainSchema<T> {
  return of({ type: 'string', enum: [...values] }, `one of ${values.join(', ')}`, (value) => {
    return values.some((known) => known === value)
  })
}

export function listOf<T>(item: PlainSchema<T>, max: number = Number.POSITIVE_INFINITY): PlainSchema<readonly T[]> {
  return plain<readonly T[]>({
    check: (value, path, issues) => {
      if (Array.isArray(value) && value.length <= max)
        return value.map((each: unknown, at) => item.rule.check(each, [...path, at], issues))
      const bound = Number.isFinite(max) ? ` of at most ${max} items` : ''
      issues.push({ message: `Expected a list${bound}, received ${nameOf(value)}.`, path })
      return []
    },
    json: (side) => ({ type: 'array', items: item.rule.json(side), ...(Number.isFinite(max) && { maxItems: max }) }),
  })
}

/** An object whose fields have any name and one kind of value. */
export function mapOf<T>(item: PlainSchema<T>): PlainSchema<{ readonly [name: string]: T }> {
  return plain<{ readonly [name: string]: T }>({
    check: (value, path, issues) =>
      Object.fromEntries(
        fieldsOf(value, path, issues).map(([name, each]) => [name, item.rule.check(each, [...path, name], issues)]),
      ),
    json: (side) => ({ type: 'object', additionalProperties: item.rule.json(side) }),
  })
}

export function optional<T>(schema: PlainSchema<T>): OptionalField<T> {
  return { optional: schema }
}

/** An object with these fields and no others. */
export function record<T extends object>(fields: { readonly [K in keyof T]-?: Field<T[K]> }): PlainSchema<T> {
  const known = Object.entries(fields as { readonly [name: string]: Field<unknown> | PlainSchema<unknown> }).map(
    ([name, field]) =>
      'optional' in field ? { name, schema: field.optional, must: false } : { name, schema: field, must: true },
  )
  const names = new Set(known.map(({ name }) => name))
  return plain<T>({
    check: (value, path, issues) => {
      const given = new Map(fieldsOf(value, path, issues))
      if (issues.some((issue) => issue.path === path)) return {} as T
      for (const name of given.keys())
        if (!names.has(name)) issues.push({ message: 'Expected no such field.', path: [...path, name] })
      const checked = known.flatMap(({ name, schema, must }): [string, unknown][] => {
        const field = given.get(name)
        return field === undefined && !must ? [] : [[name, schema.rule.check(field, [...path, name], issues)]]
      })
      return Object.fromEntries(checked) as T
    },
    json: (side) => ({
      type: 'object',
      properties: Object.fromEntries(known.map(({ name, schema }) => [name, schema.rule.json(side)])),
      required: known.filter(({ must }) => must).map(({ name }) => name),
      ...(side === 'input' && { additionalProperties: false }),
    }),
  })
}

/** The fields that have a value. */
function fieldsOf(value: unknown, path: Path, issues: Issue[]): readonly (readonly [string, unknown])[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).filter(([, field]) => field !== undefined)
  issues.push({ message: `Expected an object, received ${nameOf(value)}.`, path })
  return []
}
