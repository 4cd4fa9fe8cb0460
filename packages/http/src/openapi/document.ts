// The OpenAPI 3.1 document of what is served.
import { createHash } from 'node:crypto'
import { eventsPath } from '../events/add-events.ts'
import type { RouteTable } from '../route-table.ts'
import { streamPaths } from '../runtime/add-runtime-stream.ts'
import { codesOfRoute } from './codes-of-route.ts'
import { eventsOperation, runtimeStreamOperation } from './events.ts'
import { operationOf, problemResponse, responseName } from './operation.ts'
import { sharedHeaders, sharedParameters } from './parameters.ts'
import { reference, schemasOf } from './schemas.ts'
import type { Part } from './schemas.ts'
import { securitySchemes } from './security.ts'

/** What is served beside the routes, and whether there are sessions. */
export interface Beside {
  readonly events: boolean
  readonly runtime: boolean
  readonly sessions: boolean
}

/** A plain JSON value. `info.version` changes when a route or schema does. */
export function openApiDocument(name: string, table: RouteTable, beside: Beside): Part {
  const events = beside.events ? { [eventsPath]: { get: eventsOperation } } : undefined
  const ofRuntime = beside.runtime ? streamPaths.map((path) => [path, { get: runtimeStreamOperation(path) }]) : []
  const paths = { ...pathsOf(table, beside.sessions), ...events, ...Object.fromEntries(ofRuntime), ...healthPaths }
  const components = {
    schemas: schemasOf(table),
    parameters: sharedParameters,
    headers: sharedHeaders,
    responses: responsesOf(table, beside.sessions),
    ...(beside.sessions ? { securitySchemes } : undefined),
  }
  const version = createHash('sha256')
    .update(JSON.stringify([paths, components]))
    .digest('hex')
    .slice(0, 12)
  return {
    openapi: '3.1.1',
    info: {
      title: name,
      version,
      description: 'Problems are application/problem+json (RFC 9457); their codes are explained under /docs/errors.',
    },
    tags: [...new Set(table.contracts.map(({ exposed }) => exposed.domain))].map((domain) => ({ name: domain })),
    paths,
    components,
  }
}

function pathsOf({ routes }: RouteTable, sessions: boolean): Part {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const item = (paths[route.path.text] ??= {})
    item[route.method.toLowerCase()] = operationOf(route, sessions)
  }
  return paths
}

function responsesOf({ routes }: RouteTable, sessions: boolean): Part {
  const shared = routes.flatMap((route) =>
    [...codesOfRoute(route, sessions)].map(
      ([status, codes]) =>
        [responseName(route, status, codes), problemResponse(codes.filter((code) => code !== 'rejected'))] as const,
    ),
  )
  // A code that stands alone is always described alike; of groups the last one wins, and they differ in rejections only.
  return Object.fromEntries([...shared, ['not_ready', problemResponse(['not_ready'])]])
}

const status = (value: string): Part => ({
  description: value,
  content: {
    'application/json': { schema: { type: 'object', required: ['status'], properties: { status: { const: value } } } },
  },
})
const healthPaths = {
  '/healthz': {
    get: { operationId: 'healthz', summary: 'Whether the process lives', tags: [], responses: { 200: status('ok') } },
  },
  '/started': {
    get: {
      operationId: 'started',
      summary: 'Whether the app has started',
      tags: [],
      responses: { 200: status('started'), 503: reference('responses', 'not_ready') },
    },
  },
  '/ready': {
    get: {
      operationId: 'ready',
      summary: 'Whether the app may get requests',
      tags: [],
      responses: { 200: status('ready'), 503: reference('responses', 'not_ready') },
    },
  },
}
