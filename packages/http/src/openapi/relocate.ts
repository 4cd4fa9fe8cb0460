// A JSON Schema on its own points into itself (`#/$defs/Line`); as a component of a document the same place has a longer name.
import { isObject } from '../json-schema.ts'

/** A copy whose local references point below `base`, such as `#/components/schemas/Order.Place.Input`. */
export function relocate(schema: unknown, base: string): unknown {
  if (Array.isArray(schema)) return schema.map((item) => relocate(item, base))
  if (!isObject(schema)) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([keyword]) => keyword !== '$schema')
      .map(([keyword, value]) => [
        keyword,
        keyword === '$ref' && typeof value === 'string' && value.startsWith('#')
          ? `${base}${value.slice(1)}`
          : relocate(value, base),
      ]),
  )
}
