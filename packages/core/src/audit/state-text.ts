// What is kept of a state: plain data without marked fields, whatever it is made of, and no more than fits. Nothing here ever throws.
import { auditLimits } from '../stores/audit/audit-entry.ts'
import { cutPayload } from '../command-log/payload.ts'
import type { Marks } from '../command-log/payload.ts'

export interface KeptState {
  /** Plain data; when it is truncated a piece of its JSON text. */
  readonly value: unknown
  /** Names of the fields that were replaced. */
  readonly redacted: readonly string[]
  readonly isTruncated: boolean
  readonly isInexact: boolean
}

const levelsMax = 64
/** What takes the place of a marked field. */
const replacements = { secret: '[secret]', personal: '[personal]' } as const

/** `marks`: fields that are replaced wherever they stand, because nobody knows what a state is made of. */
export function keptState(value: unknown, marks: Marks): KeptState {
  const walk: Walk = { marks, redacted: new Set(), isInexact: false, left: auditLimits.stateBytes, above: [] }
  const plain = plainOf(value, walk)
  const text = JSON.stringify(plain) ?? 'null'
  const cut = cutPayload(text, auditLimits.stateBytes)
  const isTruncated = cut.length < text.length || walk.left < 0
  const { isInexact } = walk
  return { value: isTruncated ? cut : plain, redacted: [...walk.redacted], isTruncated, isInexact }
}

interface Walk {
  readonly marks: Marks
  readonly redacted: Set<string>
  isInexact: boolean
  /** Characters that the text may still have at least: what is beyond is cut in any case, and not walked. */
  left: number
  /** The objects around the one that is looked at. */
  readonly above: unknown[]
}

function plainOf(value: unknown, walk: Walk): unknown {
  walk.left -= 1
  if (walk.left < 0) return undefined
  switch (typeof value) {
    case 'string':
      walk.left -= value.length
      return value.toWellFormed()
    case 'boolean':
    case 'undefined':
      return value
    case 'number':
      return Number.isFinite(value) ? value : instead(String(value), walk)
    case 'bigint':
      return instead(`${value}n`, walk)
    case 'object':
      return value === null ? null : plainObject(value, walk)
    default:
      return instead(`[${typeof value}]`, walk)
  }
}

function plainObject(value: object, walk: Walk): unknown {
  if (walk.above.includes(value)) return instead('[circle]', walk)
  if (walk.above.length === levelsMax) return instead('[deeper]', walk)
  walk.above.push(value)
  try {
    const { toJSON } = value as { readonly toJSON?: unknown }
    if (typeof toJSON === 'function') return plainOf(toJSON.call(value), walk)
    if (Array.isArray(value)) return value.map((item: unknown) => plainOf(item, walk) ?? null)
    if (value instanceof Set) return [...value].map((item: unknown) => plainOf(item, walk) ?? null)
    return plainFields(value instanceof Map ? [...value] : Object.entries(value), walk)
  } catch {
    // A getter or a `toJSON` of its own.
    return instead('[unreadable]', walk)
  } finally {
    walk.above.pop()
  }
}

function plainFields(fields: readonly (readonly [unknown, unknown])[], walk: Walk): object {
  // Without a prototype, so that a field named __proto__ stays a field.
  const plain = Object.create(null) as Record<string, unknown>
  for (const [key, field] of fields) {
    const name = String(key).toWellFormed()
    const mark = Object.hasOwn(walk.marks, name) ? walk.marks[name] : undefined
    walk.left -= name.length
    if (mark !== undefined && field !== undefined) {
      walk.redacted.add(name)
      plain[name] = replacements[mark]
    } else plain[name] = plainOf(field, walk)
  }
  return plain
}

function instead(text: string, walk: Walk): string {
  walk.isInexact = true
  return text
}
