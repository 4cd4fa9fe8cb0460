// The app's web server: its routes, health, events and documentation.
import type { FastifyInstance } from 'fastify'
import { admission } from './admission.ts'
import { bareServer } from './bare-server.ts'
import { callerOf } from './caller.ts'
import { commandHandler } from './command-route.ts'
import { addDocs } from './docs/add-docs.ts'
import { addEvents, eventsPath, isEventSocket } from './events/add-events.ts'
import { addHealthRoutes } from './health.ts'
import { pathTemplate } from './path-template.ts'
import { queryHandler } from './query-route.ts'
import { addNotFound, sendFrameworkError, unknownPath } from './refusals.ts'
import type { RouteTable } from './route-table.ts'
import { addRuntimeStream, streamPaths } from './runtime/add-runtime-stream.ts'
import type { StreamAudience } from './runtime/add-runtime-stream.ts'
import { addRuntimeRoutes } from './runtime/add-runtime-routes.ts'
import type { Serving } from './serving.ts'

export function createServer(serving: Serving, table: RouteTable): FastifyInstance {
  const { settings } = serving
  const server = bareServer(serving, {
    ...settings,
    mayUpgrade: settings.events === undefined ? () => false : isEventSocket,
  })
  server.setErrorHandler((error, request, reply) => {
    serving.inFlight.arriving.delete(request.raw)
    sendFrameworkError(serving, error, request, reply)
  })
  const onRequest = admission(serving)
  for (const route of table.routes) {
    if (route.purpose === 'runtime') continue
    const handler = route.served.kind === 'command' ? commandHandler(serving, route) : queryHandler(serving, route)
    // A GET has no body to wait for: its handler looks for room by itself.
    const hooks = route.method === 'GET' ? undefined : { onRequest }
    server.route({ method: route.method, url: route.path.router, ...hooks, handler })
  }
  addRuntimeRoutes(server, serving, table.runtime)
  const { runtime } = serving.host
  if (runtime !== undefined) addRuntimeStream(server, serving, runtime.stream, audienceOf(serving))
  addHealthRoutes(server, serving)
  if (settings.events !== undefined) addEvents(server, serving, settings.events)
  const streams = [
    ...(settings.events === undefined ? [] : [eventsPath]),
    ...(runtime === undefined ? [] : streamPaths),
  ]
  const own = ['/healthz', '/ready', ...streams, ...(settings.docs ? addDocs(server, serving, table) : [])]
  const ownPaths = own.map((path) => ({ path: pathTemplate(path, path), method: 'GET' }))
  addNotFound(server, serving, [...table.routes, ...ownPaths], (path) => unknownPath(path, table))
  return server
}

function audienceOf({ settings }: Serving): StreamAudience {
  const { authenticate } = settings
  if (authenticate === undefined) return { callerOf: async () => undefined, again: undefined }
  const who: StreamAudience['callerOf'] = (request) => callerOf(authenticate, settings, request)
  return { callerOf: who, again: who }
}
