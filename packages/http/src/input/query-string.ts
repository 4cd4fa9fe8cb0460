// The query string, read strictly: every name and value is UTF-8, every parameter is known.
import { Refusal } from '../problem.ts'
import { unknownField } from './field.ts'
import { checkText, parseJson } from './json-text.ts'
import type { InputShape } from './input-shape.ts'

/** The parameter that carries an input which is no object. */
export const valueParameter = 'input'

/** The input that a query string gives. Errors: `invalid_encoding`, `invalid_text`, `unknown_parameter`, `repeated_parameter`, `forbidden_key`. */
export function readQueryString(raw: string, shape: InputShape): unknown {
  if (raw === '') return shape.kind === 'fields' || shape.kind === 'unknown' ? {} : undefined
  const texts = parametersOf(raw)
  if (shape.kind === 'value') {
    for (const name of texts.keys()) if (name !== valueParameter) throw unknownParameter(name)
    return parseJson((texts.get(valueParameter) ?? []).join(''), `the parameter ${valueParameter}`)
  }
  const input: Record<string, unknown> = {}
  for (const [name, given] of texts) {
    if (name === '__proto__')
      throw new Refusal('forbidden_key', 'Expected the names of fields, received the parameter "__proto__".')
    const field =
      shape.kind === 'fields'
        ? (shape.fields.get(name) ?? (shape.open ? unknownField : undefined))
        : shape.kind === 'unknown'
          ? unknownField
          : undefined
    if (field === undefined) throw unknownParameter(name)
    if (given.length > 1 && !field.repeats)
      throw new Refusal('repeated_parameter', `Expected the parameter ${name} once, received it ${given.length} times.`)
    input[name] = field.read(given, name)
  }
  return input
}

/** Names and texts in order of first appearance. A plus sign is a space, as forms write it. */
export function parametersOf(raw: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const part of raw.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decode(equals === -1 ? part : part.slice(0, equals))
    const text = equals === -1 ? '' : decode(part.slice(equals + 1))
    const texts = found.get(name)
    if (texts === undefined) found.set(name, [text])
    else texts.push(text)
  }
  return found
}

const plain = /^[\w\-.~!*'():@,;/?$]*$/

function decode(text: string): string {
  if (plain.test(text)) return text
  if (!/^[\x21-\x7e]*$/.test(text)) throw notUtf8()
  let decoded: string
  try {
    decoded = decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw notUtf8()
  }
  checkText(decoded, 'every parameter')
  return decoded
}

function notUtf8(): Refusal {
  return new Refusal('invalid_encoding', 'Expected the query string to be percent-encoded UTF-8, received other bytes.')
}

function unknownParameter(name: string): Refusal {
  return new Refusal(
    'unknown_parameter',
    `The query string has the parameter ${JSON.stringify(name)}, which is no field of the input.`,
  )
}
