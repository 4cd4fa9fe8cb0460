// The document's schemas: one per input and result, and what every answer shares.
import { jsonSchemaOf } from '../json-schema.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { ServedContract } from '../served-route.ts'
import type { RouteTable } from '../route-table.ts'
import { becomeCookies } from '../sessions/sessions.ts'
import { historiesSchema, historyResult, offersHistory } from './history.ts'
import { relocate } from './relocate.ts'

export type Part = { readonly [name: string]: unknown }

export const reference = (kind: 'schemas' | 'responses' | 'parameters' | 'headers', name: string): Part => ({
  $ref: `#/components/${kind}/${name}`,
})

/** Everything under components.schemas. */
export function schemasOf({ contracts }: RouteTable): Part {
  return Object.fromEntries([...contracts.flatMap(ofContract), ['Histories', historiesSchema], ['Problem', problem]])
}

const unknownSchema = {
  description: 'The schema of this value has no form in JSON Schema; the server checks it all the same.',
}

function ofContract(served: ServedContract): readonly (readonly [string, unknown])[] {
  const { type, exposed, shape } = served
  const { contract } = exposed
  const found: [string, unknown][] = []
  const add = (name: string, schema: JsonSchema | undefined): void => {
    found.push([name, schema === undefined ? unknownSchema : relocate(schema, `#/components/schemas/${name}`)])
  }
  if (shape.kind === 'fields') {
    // What the server refuses the schema refuses too.
    const closed = !shape.open && shape.schema['properties'] !== undefined
    add(`${type}.Input`, closed ? { ...shape.schema, additionalProperties: false } : shape.schema)
  } else if (shape.kind === 'value') add(`${type}.Input`, shape.schema)
  else if (shape.kind === 'unknown') add(`${type}.Input`, undefined)
  if (contract.result !== undefined) add(`${type}.Result`, resultSchema(served))
  if (offersHistory(served)) found.push([historyName(type), historyResult(served)])
  for (const [code, rejection] of Object.entries(contract.rejections ?? {})) {
    if (typeof rejection !== 'string') add(detailsName(type, code), jsonSchemaOf(rejection.details, 'output'))
  }
  return found
}

/** Of what gives tokens to a browser, these are cookies, and the body has the rest. */
function resultSchema({ exposed: { contract }, session }: ServedContract): JsonSchema | undefined {
  const schema = contract.result === undefined ? undefined : jsonSchemaOf(contract.result, 'output')
  const required: unknown = schema?.['required']
  if (!Array.isArray(required) || (session !== 'starts' && session !== 'refreshes')) return schema
  return { ...schema, required: required.filter((name: string) => !becomeCookies.includes(name)) }
}

/** The schema's name of a query's result with history. */
export function historyName(type: string): string {
  return `${type}.ResultWithHistory`
}

/** The schema's name of a rejection's details. */
function detailsName(type: string, code: string): string {
  return `${type}.${code.replaceAll(/[^\w.-]/g, '_')}.Details`
}

/** What a command answers with when it was accepted. */
export function acceptedSchema({ type, exposed }: ServedContract, withKind: boolean): Part {
  const { contract, versioned } = exposed
  const hasResult = contract.result !== undefined
  return {
    type: 'object',
    required: [...(withKind ? ['kind'] : []), ...(hasResult ? ['result'] : []), 'token', 'commandId'],
    properties: {
      ...(withKind ? { kind: { const: 'command' } } : undefined),
      ...(hasResult ? { result: reference('schemas', `${type}.Result`) } : undefined),
      token,
      commandId: { type: 'string', description: 'The id of the command, under which it is recorded.' },
      ...(versioned
        ? { version: { type: 'integer', minimum: 0, description: 'The version of the aggregate afterwards.' } }
        : undefined),
    },
  }
}

const token = { type: 'string', description: 'Send it as gesta-after with a query, to read what this command wrote.' }

/** One rejection of a command, as a problem. */
export function rejectionSchema(type: string, code: string, rejection: string | { readonly reason: string }): Part {
  const hasDetails = typeof rejection !== 'string'
  return {
    allOf: [reference('schemas', 'Problem')],
    type: 'object',
    required: ['rejected', 'code', 'token', 'commandId', ...(hasDetails ? ['details'] : [])],
    description: hasDetails ? rejection.reason : rejection,
    properties: {
      code: { const: code },
      rejected: { const: true },
      ...(hasDetails ? { details: reference('schemas', detailsName(type, code)) } : undefined),
    },
  }
}

const problem = {
  type: 'object',
  description: 'Problem details, RFC 9457.',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: {
      type: 'string',
      format: 'uri-reference',
      description: 'Names the kind of problem; the page behind it explains it.',
    },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    code: { type: 'string', description: 'What programs compare. Of a rejection, the code that the command declares.' },
    detail: { type: 'string' },
    rejected: {
      const: true,
      description: 'Only rejections have it: the command was read, allowed and decided, and the answer is no.',
    },
    details: { description: 'What the rejection declares.' },
    token,
    commandId: { type: 'string' },
    version: { type: 'integer', minimum: 0 },
    violations: {
      type: 'array',
      description: 'With invalid_input: every path and reason.',
      items: {
        type: 'object',
        required: ['path', 'reason'],
        properties: { path: { type: 'string' }, reason: { type: 'string' } },
      },
    },
    readModels: {
      type: 'array',
      description: 'With not_ready: the read models that do not follow the log.',
      items: {
        type: 'object',
        required: ['readModel', 'state'],
        properties: { readModel: { type: 'string' }, state: { type: 'string' } },
      },
    },
    requestId: {
      type: 'string',
      description:
        'With status 500, and with 401 when the check of credentials failed: the id under which the log has the details.',
    },
  },
} as const
