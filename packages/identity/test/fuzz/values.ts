// Arbitrary values for JSON Schemas: as they ask, with texts that mean something to the app among the random ones.
import * as fc from 'fast-check'
import type { OpenApi, Schema } from './operations.ts'

/** Deeper than this a value is anything at all. */
const depthMax = 6
const hostile = [
  '__proto__',
  'constructor',
  '../../etc/passwd',
  "'; DROP TABLE events; --",
  '<script>alert(1)</script>',
  '${7*7}',
  '\r\nset-cookie: a=b',
  '%00',
  '*',
  'SYSTEM',
  'administrators',
  'null',
  '0',
  'ﬁ',
  '👩‍👩‍👧',
  'a'.repeat(300),
] as const

/** Texts that name something, by the field that takes them; every field takes those of others too, less often. */
export type Known = { readonly [field: string]: readonly string[] }
export type ValueOf = (schema: Schema, field: string) => fc.Arbitrary<unknown>

export function valuesOf(openApi: OpenApi, known: Known): ValueOf {
  const all = Object.values(known).flat()
  const textsOf = (field: string): fc.Arbitrary<string> =>
    fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...(known[field] ?? all)) },
      { weight: 2, arbitrary: fc.constantFrom(...all) },
      { weight: 1, arbitrary: fc.constantFrom(...hostile) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) },
    )
  const of = (given: Schema, field: string, depth: number): fc.Arbitrary<unknown> => {
    const schema = openApi.resolve(given)
    if (depth > depthMax) return fc.jsonValue({ maxDepth: 1 })
    if ('const' in schema) return fc.constant(schema['const'])
    if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as readonly unknown[]))
    const parts = schema['anyOf'] ?? schema['oneOf']
    if (Array.isArray(parts)) return fc.oneof(...parts.map((part) => of(part as Schema, field, depth + 1)))
    const type = Array.isArray(schema['type']) ? (schema['type'][0] as unknown) : schema['type']
    if (type === 'string') return textOf(schema, textsOf(field))
    if (type === 'integer' || type === 'number') return numberOf(schema)
    if (type === 'boolean') return fc.boolean()
    if (type === 'null') return fc.constant(null)
    if (type === 'array') return fc.array(of((schema['items'] ?? {}) as Schema, field, depth + 1), { maxLength: 3 })
    if (type === 'object' || 'properties' in schema) return objectOf(schema, (part, name) => of(part, name, depth + 1))
    return fc.jsonValue({ maxDepth: 3 })
  }
  return (schema, field) => of(schema, field, 0)
}

function textOf(schema: Schema, texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  if (schema['format'] === 'uuid') return fc.oneof(texts, fc.uuid())
  if (schema['format'] === 'email') return fc.oneof(texts, fc.emailAddress())
  const minLength = (schema['minLength'] as number | undefined) ?? 0
  const maxLength = Math.max(minLength, Math.min((schema['maxLength'] as number | undefined) ?? 64, 128))
  return fc.oneof({ weight: 9, arbitrary: texts }, { weight: 1, arbitrary: fc.string({ minLength, maxLength }) })
}

function numberOf(schema: Schema): fc.Arbitrary<number> {
  const min = (schema['minimum'] as number | undefined) ?? -1_000
  const max = (schema['maximum'] as number | undefined) ?? 1_000_000
  return fc.oneof(
    { weight: 19, arbitrary: fc.integer({ min: Math.trunc(min), max: Math.trunc(Math.max(min, max)) }) },
    { weight: 1, arbitrary: fc.constantFrom(-1, 0, 2 ** 53, 1.5) },
  )
}

function objectOf(schema: Schema, of: ValueOf): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema['properties'] ?? {}) as { readonly [name: string]: Schema })
  const required = (schema['required'] ?? []) as readonly string[]
  return fc.record(Object.fromEntries(properties.map(([name, part]) => [name, of(part, name)])), {
    requiredKeys: properties.map(([name]) => name).filter((name) => required.includes(name)),
  })
}

/** A value that is nearly the one given: a field less, one more, one of another kind. */
export function nearly(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc
    .tuple(value, fc.nat(), fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('drop', 'add', 'change', 'whole'))
    .map(([original, at, other, how]) => {
      if (how === 'whole' || typeof original !== 'object' || original === null) return other
      const names = Object.keys(original)
      const name = how === 'add' || names.length === 0 ? `field${at % 5}` : names[at % names.length]
      const rest = Object.entries(original).filter(([one]) => one !== name)
      return Object.fromEntries(how === 'drop' ? rest : [...rest, [name, other]])
    })
}

/** A text that is nearly the one given: cut, grown, or with another character. */
export function nearlyText(text: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat({ max: Math.max(0, text.length - 1) }), fc.constantFrom('A', '.', '-', '=', ' ', '%'), fc.nat(2))
    .map(([at, character, how]) => {
      if (how === 0) return text.slice(0, at)
      return how === 1 ? `${text}${character}` : `${text.slice(0, at)}${character}${text.slice(at + 1)}`
    })
}
