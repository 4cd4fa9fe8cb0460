// A configuration described: a table for people, a JSON Schema for editors, a sample file to begin with.
import { jsonSchemaOf } from '../schema/json-schema.ts'
import type { JsonSchema } from '../schema/json-schema.ts'
import { environmentName } from './keys.ts'
import type { ConfigGroup, ConfigKey } from './keys.ts'
import { jsonOf } from './problems.ts'

/** A Markdown table of all keys. */
export function docsOf(keys: readonly ConfigKey[]): string {
  const rows = keys.map((key) => {
    const about = [key.description, key.secret ? 'Secret.' : ''].filter(Boolean).join(' ')
    const fallback = key.fallback === undefined ? 'required' : key.secret ? 'set' : `\`${jsonOf(key.fallback.value)}\``
    return [`\`${key.path}\``, typeText(key), fallback, key.reload, about].map(cell).join(' | ')
  })
  return ['| key | type | default | reload | meaning |', '|---|---|---|---|---|', ...rows.map((row) => `| ${row} |`)]
    .join('\n')
    .concat('\n')
}
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

export function jsonSchemaOfConfig(group: ConfigGroup): JsonSchema {
  const of = (node: ConfigKey | ConfigGroup): JsonSchema => (isGroup(node) ? ofGroup(node) : keySchema(node))
  const ofGroup = (nodes: ConfigGroup): JsonSchema => ({
    type: 'object',
    properties: Object.fromEntries([...nodes].map(([name, node]) => [name, of(node)])),
    additionalProperties: false,
  })
  const root = ofGroup(group) as { readonly properties: object }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...root,
    properties: { $schema: { type: 'string' }, ...root.properties },
  }
}

/** The text of a YAML file: JSON is YAML, so values are written as JSON. */
export function sampleOf(group: ConfigGroup): string {
  const lines = (nodes: ConfigGroup, indent: string): string[] =>
    [...nodes].flatMap(([name, node], at) => {
      const space = at > 0 || indent === '' ? [''] : []
      if (isGroup(node)) return [...space, `${indent}${name}:`, ...lines(node, `${indent}  `)]
      const kind = [typeText(node), node.reload === 'restart' ? 'changes with a restart' : 'changes at once']
      const comments = [...node.description.split('\n'), `(${kind.join('; ')})`].map((line) => `${indent}# ${line}`)
      return [...space, ...comments, sampleLine(name, node, indent)]
    })
  return lines(group, '').join('\n').trimStart().concat('\n')
}

function sampleLine(name: string, key: ConfigKey, indent: string): string {
  if (key.secret) return `${indent}# ${name}: secret:env:${environmentName(key)}`
  if (key.fallback === undefined) return `${indent}# ${name}: (required)`
  return `${indent}${name}: ${jsonOf(key.fallback.value)}`
}

/** A secret may stand there as it is, or as a reference. */
function keySchema(key: ConfigKey): JsonSchema {
  const { $schema: _, ...schema } = jsonSchemaOf(key.schema, 'input') ?? {}
  const about = { description: key.description }
  if (key.secret) return { anyOf: [{ type: 'string', pattern: '^secret:[^:]+:.+' }, schema], ...about }
  return { ...schema, ...about, ...(key.fallback !== undefined && { default: key.fallback.value }) }
}

function typeText(key: ConfigKey): string {
  const { type, enum: values, anyOf, minimum, maximum, exclusiveMinimum } = jsonSchemaOf(key.schema, 'input') ?? {}
  if (Array.isArray(values)) return values.map(jsonOf).join(' or ')
  if (Array.isArray(anyOf)) return 'one of several'
  const name = typeof type === 'string' ? type : 'value'
  const from = isBound(minimum) ? ` from ${minimum}` : isBound(exclusiveMinimum) ? ` over ${exclusiveMinimum}` : ''
  return `${name}${from}${isBound(maximum) ? ` to ${maximum}` : ''}`
}
/** Libraries write the range of safe integers too, which says nothing. */
function isBound(bound: unknown): bound is number {
  return typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER
}

function isGroup(node: ConfigKey | ConfigGroup): node is ConfigGroup {
  return node instanceof Map
}
