// The query string, read strictly: every name and value is UTF-8, every parameter is known.
import { Refusal } from '../problem.ts'
import { unknownField } from './field.ts'
import type { InputField, InputShape } from './input-shape.ts'
import { checkText, parseJson } from './json-text.ts'

/** The parameter that carries an input which is no object. */
export const valueParameter = 'input'

/** The input that a query string gives. Errors: `invalid_encoding`, `invalid_text`, `unknown_parameter`, `repeated_parameter`, `forbidden_key`. */
export function readQueryString(raw: string, shape: InputShape): unknown {
  if (raw === '') return shape.kind === 'fields' || shape.kind === 'unknown' ? {} : undefined
  if (shape.kind === 'value') return readValue(parametersOf(raw))
  const input: Record<string, unknown> = {}
  const isPlain = plain.test(raw)
  for (let start = 0, end = 0; start < raw.length; start = end + 1) {
    end = endOf(raw, '&', start, raw.length)
    if (end === start) continue
    const nameEnd = endOf(raw, '=', start, end)
    const given = decode(raw.slice(start, nameEnd), isPlain)
    const text = decode(raw.slice(nameEnd + 1, end), isPlain)
    const field = fieldNamed(given, shape)
    // The field's own string: a name that was cut out of a request is hashed anew wherever it is looked up.
    const name = field?.name ?? given
    // Nearly all parameters are given once; the first that is repeated sends the whole string the long way.
    if (Object.hasOwn(input, name)) return readRepeated(parametersOf(raw), shape)
    input[name] = (field ?? unknownField).read([text], name)
  }
  return input
}

/** Where the part that begins at `start` ends: at the separator, or at `max`. */
function endOf(raw: string, separator: '&' | '=', start: number, max: number): number {
  const end = raw.indexOf(separator, start)
  return end === -1 || end > max ? max : end
}

function readValue(parameters: ReadonlyMap<string, readonly string[]>): unknown {
  for (const name of parameters.keys()) if (name !== valueParameter) throw unknownParameter(name)
  const [text = '', ...more] = parameters.get(valueParameter) ?? []
  if (more.length > 0) throw repeatedParameter(valueParameter)
  return parseJson(text, `the parameter ${valueParameter}`)
}

function readRepeated(
  parameters: ReadonlyMap<string, readonly string[]>,
  shape: InputShape,
): { readonly [name: string]: unknown } {
  const input: Record<string, unknown> = {}
  for (const [name, texts] of parameters) {
    const field = fieldNamed(name, shape) ?? unknownField
    if (texts.length > 1 && !field.repeats) throw repeatedParameter(name)
    input[name] = field.read(texts, name)
  }
  return input
}

/** The field; `undefined` where any name is taken. Errors: `forbidden_key`, `unknown_parameter`. */
function fieldNamed(name: string, shape: InputShape): InputField | undefined {
  if (name === '__proto__') {
    throw new Refusal('forbidden_key', 'Expected the names of fields, received the parameter "__proto__".')
  }
  if (shape.kind === 'unknown') return undefined
  if (shape.kind !== 'fields') throw unknownParameter(name)
  const field = shape.fields.get(name)
  if (field !== undefined || shape.open) return field
  throw unknownParameter(name)
}

/** Names and texts of a query string or a form, in order of first appearance. Errors: `invalid_encoding`, `invalid_text`. */
export function parametersOf(raw: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const part of raw.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = decode(equals === -1 ? part : part.slice(0, equals), false)
    const text = equals === -1 ? '' : decode(part.slice(equals + 1), false)
    const texts = found.get(name)
    if (texts === undefined) found.set(name, [text])
    else texts.push(text)
  }
  return found
}

/** Characters that stand for themselves. */
const plain = /^[\w\-.~!*'():@,;/?$&=]*$/
const ascii = /^[\x21-\x7e]*$/

/** Percent-encoded UTF-8; a plus sign is a space, as forms write it. Errors: `invalid_encoding`, `invalid_text`. */
export function decode(text: string, isPlain: boolean): string {
  if (isPlain) return text
  if (!ascii.test(text)) throw notUtf8()
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
  return new Refusal(
    'invalid_encoding',
    'Expected the query string or form to be percent-encoded UTF-8, received other bytes.',
  )
}

function repeatedParameter(name: string): Refusal {
  return new Refusal(
    'repeated_parameter',
    `Expected the parameter ${JSON.stringify(name)} once, received it several times.`,
  )
}

function unknownParameter(name: string): Refusal {
  return new Refusal(
    'unknown_parameter',
    `The query string has the parameter ${JSON.stringify(name)}, which is no field of the input.`,
  )
}
