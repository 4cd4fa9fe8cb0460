// What the log keeps of a payload: its canonical text without the fields that its contract marks, and no more than fits.
import type { ContractParts } from '../contracts/contract.ts'
import { recordLimits } from '../stores/command-log/command-record.ts'

/** What takes the place of a marked field. */
const replacements = { secret: '[secret]', personal: '[personal]' } as const

/** Fields that are not kept, and why. */
export type Marks = NonNullable<ContractParts['redact']>

export interface Unmarked {
  /** Absent when the marked fields could not be told from the rest. */
  readonly text: string | undefined
  /** The fields that were replaced; `*` when nothing is kept. */
  readonly redacted: readonly string[]
}

/** The text of a payload with every marked field that it has replaced. */
export function withoutMarked(text: string, marks: Marks): Unmarked {
  const value: unknown = JSON.parse(text)
  if (value === null) return { text, redacted: [] }
  // What is no object does not fit the contract, and what was meant to be secret may be anywhere in it.
  if (typeof value !== 'object' || Array.isArray(value)) return nothingKept
  const fields = value as { [field: string]: unknown }
  const redacted = Object.keys(marks).filter((field) => Object.hasOwn(fields, field))
  for (const field of redacted) fields[field] = replacements[marks[field] ?? 'secret']
  return redacted.length === 0 ? { text, redacted } : { text: JSON.stringify(fields), redacted }
}
/** Of a payload that nothing can be said about. */
export const nothingKept: Unmarked = { text: undefined, redacted: Object.freeze(['*']) }

/** As much of the text as fits into the limit, in whole characters. */
export function cutPayload(text: string, bytesMax: number = recordLimits.payloadBytes): string {
  // A character has at most three bytes in UTF-8, so only long texts are measured.
  if (text.length * 3 <= bytesMax) return text
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytesMax))
  return text.slice(0, read)
}
