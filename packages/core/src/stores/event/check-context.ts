// What every event store refuses as the context of a commit. Lists look into the contexts of all commits, so one that a backend
// cannot read as an object would fail them for ever; and it is repeated with every event that is read, so it is small.
import { GestaError } from '../../errors/gesta-error.ts'

/** Bytes that the request context of a commit may have. */
export const contextBytesMax = 16_384
/** Backends read 1,000 levels at least. */
const levelsMax = 100

/** Throws for what is no small JSON object. Errors: `invalid_output`, `payload_too_large`. */
export function checkContext(text: string): void {
  if (text === '{}') return
  // A character has at most three bytes in UTF-8, so only long texts are measured.
  if (text.length * 3 > contextBytesMax) checkSize(text)
  const context = parsed(text)
  // Each level costs two characters, so short texts have few.
  if (context !== undefined && (text.length <= levelsMax * 2 || hasLevels(context, levelsMax))) return
  throw new GestaError(
    'invalid_output',
    `Expected the context of a commit to be a JSON object of at most ${levelsMax} levels, received another text. Make it of the request context.`,
    { facts: { what: 'context' } },
  )
}

function checkSize(text: string): void {
  const bytes = Buffer.byteLength(text)
  if (bytes <= contextBytesMax) return
  throw new GestaError(
    'payload_too_large',
    `Expected the request context to have at most ${contextBytesMax} bytes, received ${bytes}. It is stored with each command; keep large content elsewhere.`,
    { facts: { bytes, bytesMax: contextBytesMax } },
  )
}

function parsed(text: string): object | undefined {
  try {
    const context: unknown = JSON.parse(text)
    return typeof context === 'object' && context !== null && !Array.isArray(context) ? context : undefined
  } catch {
    return undefined
  }
}

/** Whether a value has at most so many levels of objects and lists. */
function hasLevels(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return levels > 0 && Object.values(value).every((field) => hasLevels(field, levels - 1))
}
