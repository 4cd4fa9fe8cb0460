// What a form sent: texts by the names of its fields, each at most once.
import { parametersOf } from '../input/query-string.ts'
import { Refusal } from '../problem.ts'

/** Bytes that a form may have: the longest is a passkey's answer. */
export const formBytesMax = 32_768

export interface Form {
  /** The field's text; empty when the form does not have it. */
  text(name: string): string
}

export const emptyForm: Form = { text: () => '' }

/** Errors: `invalid_encoding`, `invalid_text`, `repeated_parameter`. */
export function readForm(bytes: Uint8Array): Form {
  const fields = new Map<string, string>()
  for (const [name, [text = '', ...more]] of parametersOf(Buffer.from(bytes).toString('latin1'))) {
    if (more.length > 0) throw new Refusal('repeated_parameter', 'Expected every field of the form once.')
    fields.set(name, text)
  }
  return { text: (name) => fields.get(name) ?? '' }
}
