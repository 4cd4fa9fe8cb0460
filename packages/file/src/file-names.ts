// Any text as the name of a file: on every file system, also where cases are the same, some names are reserved and lengths are
// bounded. A name is its kind, a hyphen, and the text with everything but lower-case letters, digits, `-`, `_` and inner dots as
// `%` and two digits per byte. So no two texts share a name, none is empty, reserved, hidden or a path.
import { createHash } from 'node:crypto'

/** What a file or folder is called after; its name begins with it. */
export type NameKind = 'tenant' | 'bucket' | 'object'

/** Below 255 bytes, which most file systems allow, with room for what may be put around names. */
const lengthMax = 200
const keptOfLong = 100
const plain = /^[a-z0-9_.-]$/

export function fileName(kind: NameKind, text: string): string {
  const units = Array.from(text, encode)
  // Windows drops a dot at the end.
  if (units.at(-1) === '.') units[units.length - 1] = '%2e'
  const name = `${kind[0]}-${units.join('')}`
  if (name.length <= lengthMax) return name
  let kept = `${kind[0]}-`
  for (const unit of units) {
    if (kept.length + unit.length > keptOfLong) break
    kept += unit
  }
  return `${kept}~${createHash('sha256').update(text).digest('hex')}`
}

/** The text of a name; `'hashed'` when it was too long to be in its name; `undefined` for a name that was not made here. */
export function textOfName(kind: NameKind, name: string): { readonly text: string } | 'hashed' | undefined {
  if (!name.startsWith(`${kind[0]}-`)) return undefined
  if (/~[0-9a-f]{64}$/.test(name)) return 'hashed'
  try {
    const text = decodeURIComponent(name.slice(2))
    return fileName(kind, text) === name ? { text } : undefined
  } catch {
    return undefined
  }
}

function encode(character: string): string {
  if (plain.test(character)) return character
  return Array.from(new TextEncoder().encode(character), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
}
