// How the small texts of a record are kept within their limits: metadata, and the words of errors.
import { recordLimits } from '../stores/command-log/command-record.ts'

interface Metadata {
  readonly [name: string]: string
}
export interface Bounded {
  readonly metadata: Metadata
  readonly isCut: boolean
}

/** Names and values within their limits. Whatever is no text is left out. */
export function boundedMetadata(metadata: Metadata): Bounded {
  const given = Object.entries(metadata)
  const kept = given.slice(0, recordLimits.metadataKeys).flatMap(([name, value]) => {
    const text: unknown = value
    return typeof text === 'string' ? [[cutMetadata(name), cutMetadata(text)] as const] : []
  })
  const isCut = kept.length < given.length || kept.some(([name, value], at) => !isSame(given[at], name, value))
  return { metadata: isCut ? Object.fromEntries(kept) : metadata, isCut }
}

function isSame(given: readonly [string, string] | undefined, name: string, value: string): boolean {
  return given?.[0] === name && given[1] === value
}

function cutMetadata(text: string): string {
  return cutWords(text, recordLimits.metadataLength)
}

/** At most `length` characters, and no half of one. */
export function cutWords(text: string, length: number = recordLimits.errorLength): string {
  const cut = text.length > length ? text.slice(0, length) : text
  return cut.toWellFormed()
}
