// What a JSON Schema says, looked up. A contract's schema that cannot be converted has none, alone: the other contracts, the listing and
// the document do not notice.
import type { JsonSchema } from '@gesta/core/host'

export { jsonSchemaOf } from '@gesta/core/host'
export type { JsonSchema } from '@gesta/core/host'

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
