// Rows that were decoded lately, by their texts: a row that is read again and again is parsed once. Rows are frozen, so all may share one.
import { decode } from '../codec/json.ts'

export interface DecodedRows {
  /** What the text decodes to. */
  row(text: string): unknown
}

/** Characters of the texts that are kept, and how long one may be. */
const charactersMax = 2 * 1024 * 1024
const textMax = 16 * 1024

export function createDecodedRows(): DecodedRows {
  let young = new Map<string, unknown>()
  let old = new Map<string, unknown>()
  let characters = 0
  return {
    row: (text) => {
      const known = young.get(text)
      if (known !== undefined) return known
      const value = old.get(text) ?? decode(text)
      // `null` and long rows are as quick to decode, or too large to keep.
      if (value === null || text.length > textMax) return value
      young.set(text, value)
      characters += text.length
      if (characters * 2 > charactersMax) {
        old = young
        young = new Map()
        characters = 0
      }
      return value
    },
  }
}
