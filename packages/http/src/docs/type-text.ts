// A JSON Schema in one line for people: `integer > 0`, `'a' | 'b'`, `{ sku: string, quantity?: integer }[]`.
import { isObject, resolve } from '../json-schema.ts'
import type { JsonSchema } from '../json-schema.ts'

export function typeText(schema: unknown, root: JsonSchema, outer: readonly unknown[] = []): string {
  const here = resolve(schema, root)
  // A schema inside itself ends here.
  if (here === undefined || outer.includes(here)) return 'any'
  const path = [...outer, here]
  if ('const' in here) return JSON.stringify(here['const'])
  if (Array.isArray(here['enum'])) return here['enum'].map((value) => JSON.stringify(value)).join(' | ')
  for (const keyword of ['oneOf', 'anyOf'] as const)
    if (Array.isArray(here[keyword])) return union(here[keyword].map((option) => typeText(option, root, path)))
  if (Array.isArray(here['allOf'])) return here['allOf'].map((part) => typeText(part, root, path)).join(' & ')
  if (Array.isArray(here['type']))
    return union((here['type'] as string[]).map((type) => oneType({ ...here, type }, root, path)))
  return oneType(here, root, path)
}

function oneType(schema: JsonSchema, root: JsonSchema, path: readonly unknown[]): string {
  const { type } = schema
  if (type === 'object') return objectText(schema, root, path)
  if (type === 'array') {
    const item = typeText(schema['items'], root, path)
    return item.includes(' | ') || item.includes(' & ') ? `(${item})[]` : `${item}[]`
  }
  return typeof type === 'string' ? `${type}${limits(schema)}` : 'any'
}

function objectText(
  { properties, required, additionalProperties }: JsonSchema,
  root: JsonSchema,
  path: readonly unknown[],
): string {
  if (!isObject(properties))
    return isObject(additionalProperties) ? `{ [name]: ${typeText(additionalProperties, root, path)} }` : 'object'
  const wanted = Array.isArray(required) ? (required as string[]) : []
  const fields = Object.entries(properties).map(
    ([name, property]) => `${name}${wanted.includes(name) ? '' : '?'}: ${typeText(property, root, path)}`,
  )
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`
}

function limits({ format, minimum, exclusiveMinimum, maximum, minLength, maxLength, pattern }: JsonSchema): string {
  const said = [
    typeof format === 'string' ? `(${format})` : undefined,
    typeof minimum === 'number' && minimum > Number.MIN_SAFE_INTEGER ? `≥ ${minimum}` : undefined,
    typeof exclusiveMinimum === 'number' ? `> ${exclusiveMinimum}` : undefined,
    typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? `≤ ${maximum}` : undefined,
    typeof minLength === 'number' ? `${minLength}+ characters` : undefined,
    typeof maxLength === 'number' ? `at most ${maxLength} characters` : undefined,
    typeof pattern === 'string' && format === undefined ? `like /${pattern}/` : undefined,
  ].filter((part) => part !== undefined)
  return said.length === 0 ? '' : ` ${said.join(', ')}`
}

function union(options: readonly string[]): string {
  return [...new Set(options)].join(' | ')
}
