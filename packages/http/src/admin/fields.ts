// What an operator says: the fields of a JSON body, or the parameters of a query string. Each is of one kind; others are refused
// with the name that was probably meant.
import { closest, GestaError } from '@gesta/core/host'
import type { Violation } from '@gesta/core'
import { fieldOf } from '../input/field.ts'
import type { InputField } from '../input/input-shape.ts'
import { parseBody } from '../input/json-text.ts'
import { readQueryString } from '../input/query-string.ts'
import type { JsonType } from '../json-schema.ts'
import { Refusal } from '../problem.ts'

export interface Kind<Value> {
  readonly type: JsonType
  /** Completes the sentence "expected ...". */
  readonly expected: string
  readonly takes: (value: unknown) => value is Value
  /** The values that there are, when they can be listed. */
  readonly known?: readonly string[]
}
export type Kinds = { readonly [name: string]: Kind<unknown> }
export type Values<Of extends Kinds> = {
  readonly [Name in keyof Of]: Of[Name] extends Kind<infer Value> ? Value : never
}
export type Given = { readonly [name: string]: unknown }

export const text: Kind<string> = { type: 'string', expected: 'text', takes: isText }
export const flag: Kind<boolean> = {
  type: 'boolean',
  expected: 'true or false',
  takes: (value) => typeof value === 'boolean',
}

/** Text that says something. */
export function sentence(lengthMax: number): Kind<string> {
  return {
    type: 'string',
    expected: `text of 1 to ${lengthMax} characters`,
    takes: (value): value is string => isText(value) && value.trim() !== '' && value.length <= lengthMax,
  }
}

export function whole(min: number, max: number): Kind<number> {
  return {
    type: 'integer',
    expected: `a whole number from ${min} to ${max}`,
    takes: (value): value is number => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  }
}

export function oneOf<Name extends string>(known: readonly Name[]): Kind<Name> {
  const takes = (value: unknown): value is Name => known.includes(value as Name)
  return { type: 'string', expected: `one of ${known.join(', ')}`, takes, known }
}

/** Names out of a list; each text may have several, with commas between them. */
export function someOf<Name extends string>(known: readonly Name[]): Kind<readonly Name[]> {
  const isKnown = (value: unknown): boolean =>
    isText(value) && namesIn([value]).every((name) => known.includes(name as Name))
  const takes = (value: unknown): value is readonly Name[] => Array.isArray(value) && value.every(isKnown)
  return { type: 'array', expected: `some of ${known.join(', ')}`, takes }
}

export function namesIn<Name extends string>(texts: readonly Name[]): readonly Name[] {
  return texts.flatMap((given) => given.split(',') as Name[])
}

export const object: Kind<Given> = {
  type: 'object',
  expected: 'an object',
  takes: (value): value is Given => typeof value === 'object' && value !== null && !Array.isArray(value),
}
/** A list of one kind. */
export function listOf<Value>(kind: Kind<Value>): Kind<readonly Value[]> {
  const takes = (value: unknown): value is readonly Value[] => Array.isArray(value) && value.every(kind.takes)
  return { type: 'array', expected: `a list, each ${kind.expected}`, takes }
}
/** Whatever JSON can say, or nothing. */
export const anything: Kind<unknown> = {
  type: 'object',
  expected: 'a value',
  takes: (value): value is unknown => typeof value !== 'function',
}

export function optional<Value>(kind: Kind<Value>): Kind<Value | undefined> {
  return { ...kind, takes: (value): value is Value | undefined => value === undefined || kind.takes(value) }
}

/** The fields of a body. Errors: those of JSON; `invalid_input` when it is no object. */
export function bodyOf(bytes: Uint8Array | undefined): Given {
  const value = bytes === undefined ? undefined : parseBody(bytes)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw invalid([{ path: '', reason: 'expected the body to be a JSON object, {} at least' }])
}

/** The values of a query string. Errors: those of query strings; `invalid_input`. */
export function readParameters<Of extends Kinds>(queryString: string, kinds: Of): Values<Of> {
  const fields = Object.entries(kinds).map(([name, { type }]): [string, InputField] => {
    const schema = { type, ...(type === 'array' && { items: { type: 'string' } }) }
    return [name, { ...fieldOf(schema, schema), name, schema, required: false }]
  })
  const given = readQueryString(queryString, { kind: 'fields', fields: new Map(fields), open: true, schema: {} })
  return readFields(given as Given, kinds, 'unknown_parameter')
}

/** The values, each of its kind. Errors: `unknown`, `invalid_input`. */
export function readFields<Of extends Kinds>(
  given: Given,
  kinds: Of,
  unknown: 'unknown_field' | 'unknown_parameter' = 'unknown_field',
): Values<Of> {
  const names = Object.keys(kinds)
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue
    const meant = hint(closest(name.slice(0, 128), names))
    throw new Refusal(unknown, `Expected ${listed(names)}, received ${JSON.stringify(name)}.${meant}`)
  }
  const violations = Object.entries(kinds)
    .filter(([name, { takes }]) => !takes(given[name]))
    .map(([name, kind]) => ({ path: name, reason: `expected ${kind.expected}${meantBy(kind, given[name])}` }))
  if (violations.length > 0) throw invalid(violations)
  return Object.fromEntries(names.map((name) => [name, given[name]])) as Values<Of>
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : `the fields ${names.join(', ')}`
}

function meantBy({ known }: Kind<unknown>, value: unknown): string {
  const near = known !== undefined && isText(value) ? closest(value.slice(0, 128), known) : undefined
  return near === undefined ? '' : ` (did you mean "${near}"?)`
}

function hint(near: string | undefined): string {
  return near === undefined ? '' : ` Did you mean "${near}"?`
}

function invalid(violations: readonly Violation[]): GestaError {
  const all = violations.map(({ path, reason }) => (path === '' ? reason : `${path}: ${reason}`)).join('; ')
  return new GestaError('invalid_input', `The request cannot be followed: ${all}.`, { facts: { violations } })
}
