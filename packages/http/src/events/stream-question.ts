// What a request asks of a stream: which types, and from where on.
import type { FastifyRequest } from 'fastify'
import { single } from '../headers.ts'
import { textField } from '../input/field.ts'
import type { InputField, InputShape } from '../input/input-shape.ts'
import { readQueryString } from '../input/query-string.ts'
import { Refusal } from '../problem.ts'

export interface StreamQuestion {
  readonly types: readonly string[] | undefined
  readonly after: string | undefined
}

const typesMax = 100
const typePattern = /^[A-Za-z0-9.]{1,512}$/

const types: InputField = {
  name: 'types',
  schema: { type: 'array', items: { type: 'string' } },
  required: false,
  repeats: true,
  read: (texts) => texts.flatMap((text) => text.split(',')),
}
const after: InputField = { ...textField, name: 'after', schema: { type: 'string' }, required: false }
const shape: InputShape = {
  kind: 'fields',
  open: false,
  schema: { type: 'object' },
  fields: new Map([
    ['types', types],
    ['after', after],
  ]),
}

/**
 * A browser that reconnects sends the URL of its first request and the id of its last event: so the header counts before `after`.
 * Errors: `invalid_input` for types; those of every query string; `invalid_header`.
 */
export function questionOf(request: FastifyRequest): StreamQuestion {
  const asked = readQueryString(request.query as string, shape) as Partial<StreamQuestion>
  for (const type of asked.types ?? []) {
    if (!typePattern.test(type))
      throw new Refusal(
        'invalid_input',
        `Expected types to name presentation events, such as types=Order.Changed,Order.Shipped, received ${JSON.stringify(type.slice(0, 128))}.`,
      )
  }
  if ((asked.types?.length ?? 0) > typesMax)
    throw new Refusal('invalid_input', `Expected at most ${typesMax} types. Leave them out to get all.`)
  return { types: asked.types, after: single(request.raw, 'last-event-id') ?? asked.after }
}
