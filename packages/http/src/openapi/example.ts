// An example of an input, made from its JSON Schema. It is shown only when the contract's own schema accepts it.
import type { ContractParts } from '@gesta/core/host'
import type { InputShape } from '../input/input-shape.ts'
import { isObject, resolve, typesOf } from '../json-schema.ts'
import type { JsonSchema } from '../json-schema.ts'

/** An input that the contract accepts; `undefined` when none is found at once. */
export function exampleOf(contract: ContractParts, shape: InputShape): unknown {
  if (shape.kind !== 'fields' && shape.kind !== 'value') return undefined
  const example = valueOf(shape.schema, shape.schema, '', 0)
  try {
    const validation = contract.input?.['~standard'].validate(example)
    return validation === undefined || validation instanceof Promise || validation.issues !== undefined
      ? undefined
      : example
  } catch {
    return undefined
  }
}

const byFormat: { readonly [format: string]: string } = {
  uuid: '01900000-0000-7000-8000-000000000000',
  email: 'ada@example.com',
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00',
  duration: 'P1D',
  uri: 'https://example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
}

function valueOf(schema: unknown, root: JsonSchema, name: string, depth: number): unknown {
  const here = resolve(schema, root)
  if (here === undefined || depth > 6) return null
  if (Array.isArray(here['examples']) && here['examples'].length > 0) return here['examples'][0]
  if ('default' in here) return here['default']
  if ('const' in here) return here['const']
  if (Array.isArray(here['enum'])) return here['enum'][0]
  for (const keyword of ['oneOf', 'anyOf', 'allOf'] as const)
    if (Array.isArray(here[keyword])) return valueOf(here[keyword][0], root, name, depth + 1)
  switch (firstType(here, root)) {
    case 'object':
      return objectOf(here, root, depth)
    case 'array':
      return Array.from({ length: Math.max(1, Number(here['minItems'] ?? 1)) }, () =>
        valueOf(here['items'], root, name, depth + 1),
      )
    case 'string':
      return textOf(here, name)
    case 'integer':
    case 'number':
      return numberOf(here)
    case 'boolean':
      return true
    default:
      return null
  }
}

function firstType(schema: JsonSchema, root: JsonSchema): string | undefined {
  return [...(typesOf(schema, root) ?? [])][0]
}

/** Required fields only, so that the example stays short. */
function objectOf({ properties, required }: JsonSchema, root: JsonSchema, depth: number): unknown {
  const wanted = Array.isArray(required) ? (required as string[]) : []
  return Object.fromEntries(
    wanted.map((name) => [name, valueOf(isObject(properties) ? properties[name] : undefined, root, name, depth + 1)]),
  )
}

function textOf({ format, minLength }: JsonSchema, name: string): string {
  const known = typeof format === 'string' ? byFormat[format] : undefined
  if (known !== undefined) return known
  const text = /id$/i.test(name) ? 'A-1' : name === '' ? 'text' : name
  return text.padEnd(Number(minLength ?? 0), 'x')
}

function numberOf({ minimum, exclusiveMinimum, maximum, multipleOf }: JsonSchema): number {
  const least = typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : 1
  const step = typeof multipleOf === 'number' ? multipleOf : 1
  const value = Math.ceil(Math.max(least, step) / step) * step
  return typeof maximum === 'number' ? Math.min(value, maximum) : value
}
