// The definition of a configuration: its keys, in groups. Everything else about it, from types to documentation, is made of this.
import { checkOptions } from '../schema/options.ts'
import type { JsonSchema } from '../schema/json-schema.ts'
import type { Schema } from '../schema/schema.ts'
import { docsOf, jsonSchemaOfConfig, sampleOf } from './describe.ts'
import { environmentName, groupOf } from './keys.ts'
import type { ConfigKey } from './keys.ts'
import type { Secret } from './secret.ts'

/** One key. */
export interface ConfigKeyOptions {
  /** Any Standard Schema that answers at once. */
  readonly schema: Schema<unknown, unknown>
  /** What holds when no source says anything; it must fit the schema. Default: some source has to say it. */
  readonly default?: unknown
  /** A sentence for people: docs, JSON Schema and sample file show it. */
  readonly description: string
  /** The value is never shown, and may be a reference such as `secret:env:NAME`. Default: no. */
  readonly secret?: boolean | undefined
  /** `hot`: a change is in force at once; `restart` (default): it waits until the process is started anew. */
  readonly reload?: 'hot' | 'restart' | undefined
}
/** Keys and groups of keys, by name. */
export interface ConfigShape {
  readonly [name: string]: ConfigKeyOptions | ConfigShape
}

/** The values that a shape stands for. */
export type ConfigValues<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends { readonly schema: Schema<infer _, infer Out> }
    ? Shape[Name] extends { readonly secret: true }
      ? Secret<Out>
      : Out
    : ConfigValues<Shape[Name]>
}
/** A default must be something that its schema takes. */
type DefaultsFit<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends { readonly schema: Schema<infer In, infer _> }
    ? { readonly default?: In }
    : DefaultsFit<Shape[Name]>
}

declare const valuesOf: unique symbol

export interface ConfigDefinition<Values> {
  /** In the order in which they were written. */
  readonly keys: readonly ConfigKey[]
  /** A Markdown table of all keys. */
  docs(): string
  /** JSON Schema 2020-12 of a configuration file, for editors. */
  jsonSchema(): JsonSchema
  /** The text of a YAML file with every key, its default and its description. */
  sample(): string
  // Types only: no definition has this property at run time.
  readonly [valuesOf]: Values
}

const keyOptions = ['schema', 'default', 'description', 'secret', 'reload'] as const
const namePattern = /^[a-z][A-Za-z0-9]*$/

/**
 * Defines a configuration: groups of keys, each with schema, default and description.
 * Errors: plain ones at set-up, for a name, schema or default that does not hold. Reference: docs/reference/configuration.md.
 */
export function defineConfig<Shape extends ConfigShape>(
  shape: Shape & NoInfer<DefaultsFit<Shape>>,
): ConfigDefinition<ConfigValues<Shape>> {
  const keys = keysOf(shape, [])
  if (keys.length === 0) throw new Error('Expected defineConfig() to be given at least one key, received none.')
  const names = keys.map(environmentName)
  const same = keys.find((key, at) => names.indexOf(environmentName(key)) !== at)
  if (same !== undefined)
    throw new Error(
      `The configuration has two keys that an environment calls ${environmentName(same)}, one of them "${same.path}". Rename it.`,
    )
  const group = groupOf(keys)
  const definition = {
    keys: Object.freeze(keys),
    docs: () => docsOf(keys),
    jsonSchema: () => jsonSchemaOfConfig(group),
    sample: () => sampleOf(group),
  }
  return Object.freeze(definition) as unknown as ConfigDefinition<ConfigValues<Shape>>
}

function keysOf(shape: ConfigShape, above: readonly string[]): ConfigKey[] {
  return Object.entries(shape).flatMap(([name, node]) => {
    const parts = [...above, name]
    const path = parts.join('.')
    if (!namePattern.test(name))
      throw new Error(
        `Expected the configuration's key "${path}" to be named like "ordersMax": a small letter, then letters and digits.`,
      )
    if (typeof node !== 'object' || node === null)
      throw new Error(`Expected "${path}" to be a key with a schema, or a group of keys, received ${typeof node}.`)
    return isKey(node) ? [keyOf(path, parts, node)] : keysOf(node, parts)
  })
}

function isKey(node: ConfigKeyOptions | ConfigShape): node is ConfigKeyOptions {
  const { schema } = node
  // A schema is an object or, in some libraries, a function.
  return schema !== undefined && schema !== null && '~standard' in (schema as object)
}

function keyOf(path: string, parts: readonly string[], options: ConfigKeyOptions): ConfigKey {
  checkOptions(options, keyOptions, `The configuration's key ${path}`)
  const { schema, description, secret = false, reload = 'restart' } = options
  if (typeof description !== 'string' || description.trim() === '')
    throw new Error(`Expected the configuration's key ${path} to have a description: docs and sample file show it.`)
  if (reload !== 'hot' && reload !== 'restart')
    throw new Error(`Expected reload of the configuration's key ${path} to be "hot" or "restart".`)
  const key: ConfigKey = { path, parts, schema, description, secret, reload, fallback: undefined }
  if (options.default === undefined) return Object.freeze(key)
  const validation = schema['~standard'].validate(options.default)
  if (validation instanceof Promise)
    throw new Error(`The schema of the configuration's key ${path} answers later. Use one that answers at once.`)
  if (validation.issues !== undefined)
    throw new Error(`The default of the configuration's key ${path} does not fit its schema. Change one of them.`)
  return Object.freeze({ ...key, fallback: { value: options.default } })
}
