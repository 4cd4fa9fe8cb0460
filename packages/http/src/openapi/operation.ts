// One operation of the document: what a route takes, and everything that it can answer.
import type { ServedRoute } from '../served-route.ts'
import { isObject } from '../json-schema.ts'
import { titleOf } from '../status.ts'
import type { ProblemCode } from '../status.ts'
import { codesOfRoute } from './codes-of-route.ts'
import { exampleOf } from './example.ts'
import { showsHistory } from './history.ts'
import { parametersOf } from './parameters.ts'
import { securityOf } from './security.ts'
import { acceptedSchema, historyName, reference, rejectionSchema } from './schemas.ts'
import type { Part } from './schemas.ts'

export function operationOf(route: ServedRoute, sessions: boolean): Part {
  const { served, purpose } = route
  const { type, exposed, kind } = served
  const summary = purpose === 'call' ? `${type}, as the typed client calls it` : type
  return {
    operationId: operationIdOf(route),
    summary,
    description: `${kind === 'command' ? 'Command' : 'Query'}. Who may: ${whoMay(exposed)}.`,
    tags: [exposed.domain],
    parameters: parametersOf(route),
    ...requestBody(route),
    ...(sessions ? securityOf(served) : undefined),
    responses: { 200: success(route), ...notModified(route), ...problems(route, sessions) },
  }
}

/** The runtime has two routes of each: one for the tenant of the path. */
function operationIdOf({ purpose, path, served: { type } }: ServedRoute): string {
  if (purpose === 'default' || (purpose === 'runtime' && path.fields.length === 0)) return type
  return `${type}.${purpose === 'runtime' ? 'ofTenant' : purpose}`
}

function whoMay({ permission, contract }: ServedRoute['served']['exposed']): string {
  if (permission === 'custom') return 'a rule of the app decides'
  return permission === 'authorized' ? `authorized, which is whoever holds the permission ${contract.type}` : permission
}

function requestBody({ method, path, served, tenant }: ServedRoute): Part {
  const { shape, type, exposed } = served
  if (method === 'GET' || shape.kind === 'none') return {}
  const whole = reference('schemas', `${type}.Input`)
  const isWhole = path.fields.length === (tenant === undefined ? 0 : 1)
  const example = isWhole ? exampleOf(exposed.contract, shape) : undefined
  const media = {
    schema: isWhole ? whole : without(path.fields, served, whole),
    ...(example === undefined ? undefined : { example }),
  }
  return {
    requestBody: {
      required: shape.kind !== 'fields' || [...shape.fields.values()].some((field) => field.required),
      content: { 'application/json': media },
    },
  }
}

/** The input without the fields that the path gives. */
function without(fields: readonly string[], { shape, type }: ServedRoute['served'], whole: Part): Part {
  if (shape.kind !== 'fields' || !isObject(shape.schema['properties'])) return whole
  const rest = [...shape.fields.keys()].filter((name) => !fields.includes(name))
  const required = rest.filter((name) => shape.fields.get(name)?.required === true)
  const properties = rest.map((name) => [
    name,
    { $ref: `#/components/schemas/${type}.Input/properties/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` },
  ])
  return {
    type: 'object',
    ...(required.length === 0 ? undefined : { required }),
    properties: Object.fromEntries(properties),
    ...(shape.open ? undefined : { additionalProperties: false }),
  }
}

function success(route: ServedRoute): Part {
  const { served, purpose } = route
  const plain = reference('schemas', `${served.type}.Result`)
  const result = showsHistory(route) ? { anyOf: [plain, reference('schemas', historyName(served.type))] } : plain
  const asked =
    purpose === 'call'
      ? { type: 'object', required: ['kind', 'result'], properties: { kind: { const: 'query' }, result } }
      : result
  const schema = served.kind === 'command' ? acceptedSchema(served, purpose === 'call') : asked
  return {
    description: served.kind === 'command' ? 'Accepted.' : 'The answer.',
    headers: headersOf(route),
    content: { 'application/json': { schema } },
  }
}

function headersOf({ served, purpose }: ServedRoute): Part {
  const tagged = served.kind === 'command' ? served.exposed.versioned : purpose !== 'call'
  return {
    ...(served.kind === 'command' ? { 'gesta-token': reference('headers', 'Token') } : undefined),
    ...(tagged ? { ETag: reference('headers', 'ETag') } : undefined),
  }
}

function notModified({ method }: ServedRoute): Part {
  return method === 'GET'
    ? {
        304: {
          description: 'The answer that If-None-Match names is the current one.',
          headers: { ETag: reference('headers', 'ETag') },
        },
      }
    : {}
}

function problems(route: ServedRoute, sessions: boolean): Part {
  return Object.fromEntries(
    [...codesOfRoute(route, sessions)].map(([status, codes]) => [
      status,
      codes.includes('rejected')
        ? withRejections(route, codes)
        : reference('responses', responseName(route, status, codes)),
    ]),
  )
}

/** Responses that several routes share have one name: who asks, how, and which status. */
export function responseName({ method, served }: ServedRoute, status: number, codes: readonly ProblemCode[]): string {
  const asked = served.kind === 'command' ? 'Command' : method === 'GET' ? 'Query' : 'QueryByPost'
  return codes.length === 1 ? `${codes[0]}` : `${asked}.${status}`
}

export function problemResponse(codes: readonly ProblemCode[]): Part {
  return {
    description: describe(codes),
    content: {
      'application/problem+json': {
        schema: { allOf: [reference('schemas', 'Problem')], type: 'object', properties: { code: { enum: codes } } },
      },
    },
  }
}

function withRejections({ served }: ServedRoute, codes: readonly ProblemCode[]): Part {
  const others = codes.filter((code) => code !== 'rejected')
  const rejections = Object.entries(served.exposed.contract.rejections ?? {})
  const listed = rejections
    .map(
      ([code, rejection]) =>
        `- \`${code}\` (rejected): ${typeof rejection === 'string' ? rejection : rejection.reason}`,
    )
    .join('\n')
  const faults = {
    allOf: [reference('schemas', 'Problem')],
    type: 'object',
    properties: { code: { enum: others }, rejected: false },
  }
  return {
    description: `${listed}\n${describe(others)}`,
    headers: { 'gesta-token': reference('headers', 'Token') },
    content: {
      'application/problem+json': {
        schema: {
          oneOf: [...rejections.map(([code, rejection]) => rejectionSchema(served.type, code, rejection)), faults],
        },
      },
    },
  }
}

function describe(codes: readonly ProblemCode[]): string {
  return codes.map((code) => `- \`${code}\`: ${titleOf(code)}`).join('\n')
}
