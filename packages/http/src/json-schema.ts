// Standard JSON Schema: what a contract's schema says about itself. A schema that cannot be converted is `undefined`
// here, alone: the other contracts, the listing and the document do not notice.
import type { Schema } from '@gesta/core'

export type JsonSchema = { readonly [keyword: string]: unknown }

interface Convertible {
  readonly '~standard': {
    readonly jsonSchema?: { readonly [side in 'input' | 'output']?: (options: { readonly target: string }) => unknown }
  }
}

/** The JSON Schema 2020-12 of what goes in or comes out; `undefined` without a schema, or when its library cannot say. */
export function jsonSchemaOf(
  schema: Schema<unknown, unknown> | undefined,
  side: 'input' | 'output',
): JsonSchema | undefined {
  try {
    const converted = (schema as Convertible | undefined)?.['~standard'].jsonSchema?.[side]?.({
      target: 'draft-2020-12',
    })
    return isObject(converted) ? converted : undefined
  } catch {
    return undefined
  }
}

export type JsonType = 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object'

/** The schema with a local `$ref` followed, as far as it leads to an object. */
export function resolve(schema: unknown, root: JsonSchema): JsonSchema | undefined {
  let current = schema
  for (let hops = 0; hops < 16 && isObject(current); hops++) {
    const { $ref } = current
    if (typeof $ref !== 'string') return current
    current = $ref.startsWith('#') ? pointer(root, $ref.slice(1)) : undefined
  }
  return undefined
}

/** The branches of a schema, itself included: an object may be spread over `anyOf`, `oneOf` and `allOf`. */
export function branches(schema: unknown, root: JsonSchema, depth = 0): readonly JsonSchema[] {
  const here = resolve(schema, root)
  if (here === undefined || depth > 8) return []
  const below = (['anyOf', 'oneOf', 'allOf'] as const).flatMap((keyword) =>
    Array.isArray(here[keyword]) ? (here[keyword] as unknown[]) : [],
  )
  return [here, ...below.flatMap((branch) => branches(branch, root, depth + 1))]
}

/** The types that a value may have; `undefined` when the schema does not restrict them. */
export function typesOf(schema: unknown, root: JsonSchema, depth = 0): ReadonlySet<JsonType> | undefined {
  const here = resolve(schema, root)
  if (here === undefined || depth > 8) return undefined
  if (typeof here['type'] === 'string') return new Set([here['type'] as JsonType])
  if (Array.isArray(here['type'])) return new Set(here['type'] as JsonType[])
  if ('const' in here) return new Set([typeOfValue(here['const'])])
  if (Array.isArray(here['enum'])) return new Set(here['enum'].map(typeOfValue))
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const options = here[keyword]
    if (!Array.isArray(options)) continue
    const known = options.map((option) => typesOf(option, root, depth + 1))
    return known.includes(undefined) ? undefined : new Set(known.flatMap((types) => [...(types ?? [])]))
  }
  const parts = Array.isArray(here['allOf']) ? (here['allOf'] as unknown[]) : []
  return parts.map((part) => typesOf(part, root, depth + 1)).find((types) => types !== undefined)
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function typeOfValue(value: unknown): JsonType {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value as JsonType
}

function pointer(root: JsonSchema, path: string): unknown {
  const parts = path.split('/').slice(1)
  return parts.reduce<unknown>(
    (at, part) => (isObject(at) ? at[part.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined),
    root,
  )
}
