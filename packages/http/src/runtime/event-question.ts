// What a request asks of the runtime event stream: which events, and from where on.
import type { FastifyRequest } from 'fastify'
import { single } from '../headers.ts'
import { textField } from '../input/field.ts'
import type { InputField, InputShape } from '../input/input-shape.ts'
import { readQueryString } from '../input/query-string.ts'
import { Refusal } from '../problem.ts'

export interface EventQuestion {
  readonly domains: readonly string[] | undefined
  readonly types: readonly string[] | undefined
  readonly aggregateType: string | undefined
  readonly aggregateId: string | undefined
  readonly after: string | undefined
}
interface Given extends Pick<EventQuestion, 'aggregateType' | 'aggregateId' | 'after'> {
  readonly domain: readonly string[] | undefined
  readonly type: readonly string[] | undefined
}

const namesMax = 100

const names = (name: string): InputField => ({
  name,
  schema: { type: 'array', items: { type: 'string' } },
  required: false,
  repeats: true,
  read: (texts) => texts.flatMap((text) => text.split(',')),
})
const text = (name: string): InputField => ({ ...textField, name, schema: { type: 'string' }, required: false })
const fields = [names('domain'), names('type'), text('aggregateType'), text('aggregateId'), text('after')]
const shape: InputShape = {
  kind: 'fields',
  open: false,
  schema: { type: 'object' },
  fields: new Map(fields.map((field) => [field.name, field])),
}

/**
 * A browser that reconnects sends the URL of its first request and the id of its last event: so the header counts before `after`.
 * Errors: those of every query string; `invalid_header`; `invalid_input` for more than 100 names.
 */
export function eventQuestionOf({ query, raw }: FastifyRequest): EventQuestion {
  const { domain, type, after, ...one } = readQueryString(query as string, shape) as Given
  for (const [name, given] of Object.entries({ domain, type }))
    if ((given?.length ?? 0) > namesMax)
      throw new Refusal('invalid_input', `Expected at most ${namesMax} values of ${name}. Leave it out to get all.`)
  return { ...one, domains: domain, types: type, after: single(raw, 'last-event-id') ?? after }
}
