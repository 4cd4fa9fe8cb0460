// JSON from outside. What passes here is safe to validate, store and show: UTF-8, no NUL, no lone surrogate, no key that
// reaches a prototype, and not so deep that a recursive reader overflows its stack.
import { isUtf8 } from 'node:buffer'
import { Refusal } from '../problem.ts'

/** Levels of arrays and objects that a value may have. */
const depthMax = 64

/** The value of a body; `undefined` for an empty one. Errors: `invalid_encoding`, and those of `parseJson`. */
export function parseBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  if (!isUtf8(bytes)) throw new Refusal('invalid_encoding', 'Expected the body to be UTF-8, received other bytes.')
  return parseJson((bytes as Buffer).toString('utf8'), 'the body')
}

/** The value of a JSON text; `what` names it in problems. Errors: `invalid_json`, `invalid_text`, `forbidden_key`, `nested_too_deeply`. */
export function parseJson(text: string, what: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refusal('invalid_json', `Expected ${what} to be JSON (RFC 8259), but it cannot be parsed.`)
  }
  if (needsInspection(text)) inspect(value, what, 0)
  return value
}

/** Refuses NUL and lone surrogates, which not every store can keep. Errors: `invalid_text`. */
export function checkText(text: string, what: string): void {
  if (text.includes('\0'))
    throw new Refusal('invalid_text', `Expected ${what} to be text without NUL, received a NUL character.`)
  if (!text.isWellFormed())
    throw new Refusal('invalid_text', `Expected ${what} to be well-formed Unicode, received a lone surrogate.`)
}

/**
 * Most bodies are short and have nothing to hide: in JSON, NUL and lone surrogates can only be written as escapes, and
 * a text of fewer than two characters per level is too short to be too deep.
 */
function needsInspection(text: string): boolean {
  return (
    text.length >= depthMax * 2 || text.includes('\\u') || text.includes('__proto__') || text.includes('constructor')
  )
}

function inspect(value: unknown, what: string, depth: number): void {
  if (typeof value === 'string') return checkText(value, `every text in ${what}`)
  if (typeof value !== 'object' || value === null) return
  if (depth === depthMax)
    throw new Refusal('nested_too_deeply', `Expected ${what} to have at most ${depthMax} levels, received more.`)
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, what, depth + 1)
    return
  }
  for (const [key, item] of Object.entries(value)) {
    checkText(key, `every key in ${what}`)
    if (key === '__proto__' || (key === 'constructor' && typeof item === 'object')) {
      throw new Refusal('forbidden_key', `Expected ${what} to be plain data, received the key "${key}".`)
    }
    inspect(item, what, depth + 1)
  }
}
