// One field of an input, as it is written in a query string or a path: text, which becomes a value by the field's own
// JSON Schema. Nothing is guessed: text that is no number stays text, and the contract's schema then refuses it.
import { branches, isObject, typesOf } from '../json-schema.ts'
import type { JsonSchema, JsonType } from '../json-schema.ts'
import { Refusal } from '../problem.ts'
import { parseJson } from './json-text.ts'

export interface Field {
  /** Whether the parameter may be repeated: `tag=a&tag=b`. */
  readonly repeats: boolean
  /** The value of all texts that a request gives, at least one. */
  read(texts: readonly string[], name: string): unknown
}

/** A field that takes the text as it is. */
export const textField: Field = { repeats: false, read: ([text]) => text }
/** A field of which nothing is known: JSON when it is JSON, else the text. */
export const unknownField: Field = {
  repeats: true,
  read: (texts, name) =>
    texts.length > 1 ? texts.map((text) => anyValue(text, name)) : anyValue(texts[0] ?? '', name),
}

/**
 * The reader of a field. A field that may be text takes the text as it is (`123` and `null` too); else numbers, `true`,
 * `false` and `null` are read as such; an array is the repeated parameter; an object is JSON text.
 */
export function fieldOf(schema: unknown, root: JsonSchema): Field {
  const types = typesOf(schema, root)
  if (types === undefined) return unknownField
  const one = single(types)
  if (!types.has('array')) return { repeats: false, read: ([text = ''], name) => one(text, name) }
  const item = single(typesOf(itemsOf(schema, root), root))
  const always = !types.has('string') && !types.has('object')
  return {
    repeats: true,
    read: (texts, name) =>
      always || texts.length > 1 ? texts.map((text) => item(text, name)) : one(texts[0] ?? '', name),
  }
}

function single(types: ReadonlySet<JsonType> | undefined): (text: string, name: string) => unknown {
  if (types === undefined) return anyValue
  if (types.has('string')) return (text) => text
  const numbers = types.has('number') || types.has('integer')
  return (text, name) => {
    if (numbers && numberPattern.test(text)) return Number(text)
    if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
    if (types.has('null') && text === 'null') return null
    if (types.has('object') || types.has('array')) return anyValue(text, name)
    return text
  }
}

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

function itemsOf(schema: unknown, root: JsonSchema): unknown {
  return branches(schema, root).find((branch) => isObject(branch['items']))?.['items']
}

function anyValue(text: string, name: string): unknown {
  try {
    return parseJson(text, `the parameter ${name}`)
  } catch (error) {
    if (error instanceof Refusal && error.code === 'invalid_json') return text
    throw error
  }
}
