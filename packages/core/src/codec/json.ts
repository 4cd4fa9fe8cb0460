// What is stored or sent is JSON text. A value is stored as the exact text that was made here, and every reader,
// live or later, sees what that text decodes to: frozen, so that a handler cannot change what its neighbour sees.
import { GestaError } from '../errors/gesta-error.ts'

/** Bytes that one stored payload may have. */
export const payloadBytesMax = 1_048_576

/** The JSON text of a value; `what` names it in errors. `undefined` is stored as `null`. Errors: `invalid_output`. */
export function encode(value: unknown, what: string): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new GestaError(
      'invalid_output',
      `Expected ${what} to survive JSON, but it cannot be written (${(cause as Error).message}). Use plain data.`,
      { cause },
    )
  }
  if (text === undefined) return 'null'
  // JSON has no NaN and no Infinity and writes null in their place. Only a text that has a null can hide one.
  if (text.includes('null')) refuseNonFinite(value, what)
  return text
}

function refuseNonFinite(value: unknown, what: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new GestaError(
      'invalid_output',
      `Expected ${what} to survive JSON, but it holds ${value}. Use null or a text.`,
    )
  }
  if (typeof value !== 'object' || value === null) return
  for (const field of Object.values(value)) refuseNonFinite(field, what)
}

/** The value of a JSON text, frozen to its depth. */
export function decode(text: string): unknown {
  return deepFreeze(JSON.parse(text))
}

/** Freezes plain data to its depth and returns it; what is frozen already is not entered again, so freezing costs what changed. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const key in value) deepFreeze(value[key])
  return value
}

/** Throws `payload_too_large` when the text has more bytes than it may have. */
export function checkPayloadSize(text: string, what: string, bytesMax: number = payloadBytesMax): void {
  // A character has at most three bytes in UTF-8, so only long texts are measured.
  if (text.length * 3 <= bytesMax) return
  const bytes = Buffer.byteLength(text)
  if (bytes > bytesMax) {
    throw new GestaError(
      'payload_too_large',
      `Expected ${what} to have at most ${bytesMax} bytes, received ${bytes}. Store large content apart and keep a reference.`,
      { facts: { bytes, bytesMax } },
    )
  }
}
