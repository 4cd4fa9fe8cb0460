// The JSON Schema of a contract, for whoever may see it. What cannot be converted is told with the reason, and breaks nothing else.
import type { ContractParts } from '../contracts/contract.ts'
import type { Kind } from '../contracts/messages.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { convertSchema } from '../schema/json-schema.ts'
import type { JsonSchema } from '../schema/json-schema.ts'
import type { Schema } from '../schema/schema.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { SchemaAnswer } from './answers.ts'
import type { Introspection } from './introspection.ts'
import type { SchemaInput } from './rows.ts'
import { sightOf } from './sight.ts'

const kinds: readonly Kind[] = ['command', 'query', 'job', 'event']

/** Errors: `missing_handler` for what is not there, and in the same words for what the caller may not see. */
export async function schemaOf(
  app: Introspection,
  { domain, type, kind }: SchemaInput,
  caller: RequestContext,
): Promise<SchemaAnswer> {
  const names = [type, `${domain}.${type}`]
  const sight = sightOf(app, caller)
  const candidates = [...app.contracts, ...app.events].filter(
    (known) => known.domain === domain && names.includes(known.contract.type),
  )
  for (const wanted of kind === undefined ? kinds : [kind]) {
    const found = candidates.find(({ contract }) => contract.kind === wanted)
    if (found === undefined) continue
    // Jobs have no permission: nobody sends one from outside.
    const isSeen =
      wanted === 'event'
        ? await sight.seesEventsOf(domain)
        : wanted === 'job'
          ? sight.isSystem
          : await sight.sees(found.contract.type)
    if (isSeen) return answerOf(domain, found.contract)
  }
  throw new GestaError(
    'missing_handler',
    `Expected a command, query, job or event ${type} of the domain ${domain}, but the caller sees none of this name. Runtime.CommandList and its siblings say what there is.`,
    { facts: { domain, type } },
  )
}

function answerOf(domain: string, { kind, type, input, schema, result }: ContractParts): SchemaAnswer {
  const reasons: string[] = []
  const convert = (from: Schema<unknown, unknown> | undefined, side: 'input' | 'output'): JsonSchema | undefined => {
    if (from === undefined) return undefined
    const conversion = convertSchema(from, side)
    if (conversion.reason !== undefined) reasons.push(`${kind === 'event' ? 'data' : side}: ${conversion.reason}`)
    return conversion.schema && { $schema: 'https://json-schema.org/draft/2020-12/schema', ...conversion.schema }
  }
  const taken = convert(kind === 'event' ? schema : input, 'input')
  const given = convert(result, 'output')
  const isConvertible = reasons.length === 0
  return {
    domain,
    type,
    kind,
    convertible: isConvertible,
    reason: isConvertible ? undefined : `${reasons.join('; ')}.`,
    schema: taken,
    result: given,
  }
}
