// From recorded events to envelopes: data validated, ids assigned. Runs after the handler, because schemas may be asynchronous.
import type { RequestContext } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import { audienceOf, createEnvelope } from './envelope.ts'
import type { Envelope } from './envelope.ts'
import type { Recorded } from './recorder.ts'
import { eventOf, newIdOf } from './registry.ts'
import type { Registry } from './registry.ts'

const none: readonly Envelope[] = Object.freeze([])

/** The envelopes of a batch, in order: at once, or a promise when a schema is asynchronous. Errors: `invalid_output`. */
export function capture(
  registry: Registry,
  recorded: readonly Recorded[],
  context: RequestContext,
): readonly Envelope[] | Promise<readonly Envelope[]> {
  if (recorded.length === 0) return none
  const values = recorded.map(({ event }) => valueOf(registry, event, 'invalid_output'))
  if (values.some((value) => value instanceof Promise))
    return Promise.all(values).then((parsed) => seal(registry, recorded, parsed, context))
  return seal(registry, recorded, values, context)
}

/** The data of an event as its schema parses them; an event that the registry does not know stays as it is. */
export function valueOf(
  registry: Registry,
  event: Recorded['event'],
  code: 'invalid_input' | 'invalid_output',
): unknown {
  const schema = eventOf(registry, event.category, event.type)?.contract.schema
  return schema === undefined
    ? event.data
    : parse(schema, event.data, code, `the data of the ${event.category} event ${event.type}`)
}

/** The envelope of one event whose value was parsed. */
export function envelopeOf(
  registry: Registry,
  { event, audience }: Recorded,
  value: unknown,
  context: RequestContext,
): Envelope {
  const { category, type } = event
  const contract = eventOf(registry, category, type)?.contract
  return createEnvelope(newIdOf(registry), category, type, value, {
    traceparent: context.traceparent,
    audience: audienceOf(audience, contract, value),
    schemaVersion: contract?.schemaVersion,
  })
}

function seal(
  registry: Registry,
  recorded: readonly Recorded[],
  values: readonly unknown[],
  context: RequestContext,
): readonly Envelope[] {
  return Object.freeze(recorded.map((item, index) => envelopeOf(registry, item, values[index], context)))
}
