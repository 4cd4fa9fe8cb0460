// The app's web server: its routes, health, events and documentation.
import type { FastifyInstance } from 'fastify'
import { admission } from './admission.ts'
import { bareServer } from './bare-server.ts'
import { callerOf } from './caller.ts'
import { commandHandler } from './command-route.ts'
import { addDocs } from './docs/add-docs.ts'
import { addEvents, eventsPath, isEventSocket } from './events/add-events.ts'
import { addHealthRoutes, healthPaths } from './health.ts'
import { addPages } from './pages/add-pages.ts'
import type { Pages } from './pages/visit.ts'
import { pathTemplate } from './path-template.ts'
import { queryHandler } from './query-route.ts'
import { addNotFound, sendFrameworkError, unknownPath } from './refusals.ts'
import type { RouteTable } from './route-table.ts'
import { addRuntimeStream, streamPaths } from './runtime/add-runtime-stream.ts'
import type { StreamAudience } from './runtime/add-runtime-stream.ts'
import { addRuntimeRoutes } from './runtime/add-runtime-routes.ts'
import type { SecureContext } from './tls.ts'
import type { ServedContract } from './served-route.ts'
import type { Serving } from './serving.ts'
import type { Settings } from './options.ts'
import { watchRequests } from './watching.ts'
import type { Watcher } from './watching.ts'

interface ServerParts {
  readonly tls: SecureContext | undefined
  readonly pages: Pages | undefined
  readonly watchers: readonly Watcher[]
}

export function createServer(
  serving: Serving,
  table: RouteTable,
  { tls, pages, watchers }: ServerParts,
): FastifyInstance {
  const { settings } = serving
  const server = bareServer(serving, {
    ...settings,
    tls,
    mayUpgrade: settings.events === undefined ? () => false : isEventSocket,
  })
  watchRequests(server, watchers)
  server.setErrorHandler((error, request, reply) => {
    serving.inFlight.arriving.delete(request.raw)
    sendFrameworkError(serving, error, request, reply)
  })
  const generous = { onRequest: admission(serving, false) }
  const strict = { onRequest: admission(serving, true) }
  for (const route of table.routes) {
    if (route.purpose === 'runtime') continue
    const handler = route.served.kind === 'command' ? commandHandler(serving, route) : queryHandler(serving, route)
    // A GET has no body to wait for: its handler looks for room by itself.
    const hooks = route.method === 'GET' ? undefined : isAttempt(route.served, settings) ? strict : generous
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
  const own = [...healthPaths, ...streams, ...(settings.docs ? addDocs(server, serving, table) : [])]
  const ownPaths = own.map((path) => ({ path: pathTemplate(path, path), method: 'GET' }))
  const pagePaths = pages === undefined ? [] : addPages(server, pages, table)
  addNotFound(server, serving, [...table.routes, ...ownPaths, ...pagePaths], (path) => unknownPath(path, table))
  return server
}

function audienceOf({ settings }: Serving): StreamAudience {
  const { whoAsks } = settings
  if (whoAsks === undefined) return { callerOf: async () => undefined, again: undefined }
  const who: StreamAudience['callerOf'] = async (request) => callerOf(whoAsks, settings, request)
  return { callerOf: who, again: who }
}

/** Whether a command may be run by anybody where everybody else signs in: it may try what somebody else knows, and leaves a record. */
function isAttempt({ kind, exposed }: ServedContract, { sessions }: Settings): boolean {
  return sessions !== undefined && kind === 'command' && exposed.permission === 'anonymous'
}
