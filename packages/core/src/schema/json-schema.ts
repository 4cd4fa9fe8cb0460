// Standard JSON Schema: what a contract's schema says about itself. A schema that cannot be converted harms nobody but who asks for it.
import type { Schema } from './schema.ts'

export type JsonSchema = { readonly [keyword: string]: unknown }
/** `input`: what goes in; `output`: what parsing makes of it. */
export type SchemaSide = 'input' | 'output'

/** What a conversion came to. */
export type Conversion =
  | { readonly schema: JsonSchema; readonly reason?: undefined }
  /** `reason`: a sentence for people, with nothing of what a library threw. */
  | { readonly schema?: undefined; readonly reason: string }

interface Convertible {
  readonly '~standard': {
    readonly jsonSchema?: { readonly [side in SchemaSide]?: (options: { readonly target: string }) => unknown }
  }
}

/** The JSON Schema 2020-12 of a schema, as a copy, or why there is none. Never throws. */
export function convertSchema(schema: Schema<unknown, unknown>, side: SchemaSide): Conversion {
  try {
    const convert = (schema as Convertible)['~standard'].jsonSchema?.[side]
    if (convert === undefined) return { reason: 'its schema library does not convert to JSON Schema' }
    const converted: unknown = convert({ target: 'draft-2020-12' })
    if (!isObject(converted) || typeof converted['then'] === 'function')
      return { reason: 'its schema library returned something that is no JSON Schema' }
    // A copy, and the proof that it is JSON: a circle or a bigint throws here, where it harms no listing.
    return { schema: JSON.parse(JSON.stringify(converted)) as JsonSchema }
  } catch {
    return { reason: 'its schema library could not convert it' }
  }
}

/** The JSON Schema of what goes in or comes out; `undefined` without a schema, or when its library cannot say. */
export function jsonSchemaOf(schema: Schema<unknown, unknown> | undefined, side: SchemaSide): JsonSchema | undefined {
  return schema === undefined ? undefined : convertSchema(schema, side).schema
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
