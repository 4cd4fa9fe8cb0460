// What is known about the input of a contract before a request comes: its fields, and whether there may be others.
import type { ContractParts } from '@gesta/core/host'
import { branches, isObject, jsonSchemaOf, typesOf } from '../json-schema.ts'
import type { JsonSchema } from '../json-schema.ts'
import { fieldOf } from './field.ts'
import type { Field } from './field.ts'

/**
 * `none`: the contract has no input. `fields`: an object whose fields are known; `open` when it takes others as well.
 * `value`: something that is no object. `unknown`: the schema's library does not describe it.
 */
export type InputShape =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'fields'
      readonly fields: ReadonlyMap<string, InputField>
      readonly open: boolean
      readonly schema: JsonSchema
    }
  | { readonly kind: 'value'; readonly field: Field; readonly schema: JsonSchema }
  | { readonly kind: 'unknown' }

export interface InputField extends Field {
  readonly name: string
  readonly schema: unknown
  readonly required: boolean
}

export function inputShapeOf(contract: ContractParts): InputShape {
  if (contract.input === undefined) return { kind: 'none' }
  const schema = jsonSchemaOf(contract.input, 'input')
  if (schema === undefined) return { kind: 'unknown' }
  const types = typesOf(schema, schema)
  const objects = branches(schema, schema).filter(
    (branch) => isObject(branch['properties']) || branch['type'] === 'object',
  )
  if (types === undefined && objects.length === 0) return { kind: 'unknown' }
  if (types !== undefined && !types.has('object')) return { kind: 'value', field: fieldOf(schema, schema), schema }
  return { kind: 'fields', fields: fieldsOf(objects, schema), open: objects.some(isOpen), schema }
}

/** A field that several branches have takes what any of them takes. */
function fieldsOf(objects: readonly JsonSchema[], root: JsonSchema): ReadonlyMap<string, InputField> {
  const found = new Map<string, unknown[]>()
  for (const { properties } of objects) {
    for (const [name, property] of Object.entries(isObject(properties) ? properties : {}))
      found.set(name, [...(found.get(name) ?? []), property])
  }
  return new Map(
    [...found].map(([name, options]) => {
      const schema = options.length === 1 ? options[0] : { anyOf: options }
      const required = objects.every((object) => Array.isArray(object['required']) && object['required'].includes(name))
      return [name, { ...fieldOf(schema, root), name, schema, required }]
    }),
  )
}

/** Schemas that name fields and say nothing of others drop those others in silence; here they are refused. */
function isOpen({ additionalProperties, patternProperties, properties }: JsonSchema): boolean {
  return (
    patternProperties !== undefined ||
    (additionalProperties === undefined ? properties === undefined : additionalProperties !== false)
  )
}
