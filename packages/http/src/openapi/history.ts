// History in the document: which queries offer it, how it is asked for, and what their answer then is.
import { historyLimitMax, takesHistory } from '../input/history-parameters.ts'
import { branches, isObject, jsonSchemaOf, typesOf } from '../json-schema.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { ServedContract, ServedRoute } from '../served-route.ts'
import { relocate } from './relocate.ts'

/** Whether callers of a query may ask for history: its contract allows it, and its result leaves the name free. */
export function offersHistory({ kind, exposed: { contract } }: ServedContract): boolean {
  if (kind !== 'query' || contract.history === false) return false
  const result = jsonSchemaOf(contract.result, 'output') ?? {}
  return !branches(result, result).some(({ properties }) => isObject(properties) && 'history' in properties)
}

/** The same of one of its routes, where the names of the parameters must be free too. */
export function showsHistory(route: ServedRoute): boolean {
  return offersHistory(route.served) && takesHistory(route)
}

/** Components of the parameters. */
export const historyParts: JsonSchema = {
  IncludeHistory: parameter('includeHistory', 'Whether the answer also has the history of what it shows.', {
    type: 'boolean',
    default: false,
  }),
  HistoryLimit: parameter('historyLimit', 'Events of each aggregate; at most 20 when the answer shows several.', {
    type: 'integer',
    minimum: 1,
    maximum: historyLimitMax,
    default: 100,
  }),
  HistoryBefore: parameter('historyBefore', 'A version: only what happened before it.', {
    type: 'integer',
    minimum: 1,
  }),
}

function parameter(name: string, description: string, schema: JsonSchema): JsonSchema {
  return { name, in: 'query', required: false, description, schema }
}

/** What a query answers when it is asked with history. */
export function historyResult({ type, exposed }: ServedContract): JsonSchema {
  const schema = jsonSchemaOf(exposed.contract.result, 'output')
  const moved = schema === undefined ? {} : relocate(schema, `#/components/schemas/${type}.Result`)
  return withHistory(moved as JsonSchema)
}

const history = { $ref: '#/components/schemas/Histories' }

function withHistory(result: JsonSchema): JsonSchema {
  const options = result['anyOf'] ?? result['oneOf']
  if (Array.isArray(options)) return { anyOf: options.map((option) => withHistory(option as JsonSchema)) }
  const types = [...(typesOf(result, result) ?? ['unknown'])]
  if (types.length === 1 && types[0] === 'null') return result
  if (types.length === 1 && types[0] === 'object' && !('allOf' in result)) return withField(result)
  if (types.some((type) => type === 'unknown' || type === 'object' || type === 'null'))
    return { description: 'The result with one more field, "history"; null stays null, anything else is "result".' }
  return { type: 'object', required: ['result', 'history'], properties: { result, history } }
}

function withField(result: JsonSchema): JsonSchema {
  const { properties, required } = result
  return {
    ...result,
    required: [...(Array.isArray(required) ? (required as unknown[]) : []), 'history'],
    properties: { ...(isObject(properties) ? properties : undefined), history },
  }
}

const text = { type: 'string' }
const item = {
  type: 'object',
  required: ['eventId', 'eventName', 'data', 'version', 'createdAt'],
  properties: {
    eventId: text,
    eventName: text,
    data: { description: "The event's data; personal fields are the text [personal]." },
    version: { type: 'integer', minimum: 1, description: 'The version of the aggregate after the event.' },
    createdAt: { type: 'string', format: 'date-time' },
    senderTenant: text,
    senderIdentity: text,
  },
}
/** The schema of the histories in an answer. */
export const historiesSchema: JsonSchema = {
  type: 'array',
  description: 'The aggregates that the answer shows, with their newest events first.',
  items: {
    type: 'object',
    required: ['aggregateType', 'aggregateId', 'items', 'hasMore'],
    properties: {
      aggregateType: text,
      aggregateId: text,
      items: { type: 'array', items: item },
      hasMore: { type: 'boolean', description: 'Whether there are older events: ask again with historyBefore.' },
    },
  },
}
