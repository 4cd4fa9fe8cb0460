// The web server: one Fastify instance with our parser, our routes and our answers; nothing of its validation.
import Fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import { admission } from './admission.ts'
import { commandHandler } from './command-route.ts'
import { addDocs } from './docs/add-docs.ts'
import { addEvents, eventsPath, isEventSocket } from './events/add-events.ts'
import { addHealthRoutes } from './health.ts'
import { pathTemplate } from './path-template.ts'
import { Refusal } from './problem.ts'
import { queryHandler } from './query-route.ts'
import { addNotFound, sendClientError, sendExpectationFailed, sendFrameworkError } from './refusals.ts'
import type { RouteTable } from './route-table.ts'
import type { Serving } from './serving.ts'

export function createServer(serving: Serving, table: RouteTable): FastifyInstance {
  const { settings } = serving
  const server = Fastify({
    logger: false,
    bodyLimit: settings.bodyBytesMax,
    requestTimeout: settings.requestTimeoutMs,
    http: {
      headersTimeout: settings.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, settings.requestTimeoutMs),
      // Clients offer other protocols too, and want a plain answer when nobody takes the offer.
      shouldUpgradeCallback: settings.events === undefined ? () => false : isEventSocket,
    },
    trustProxy: typeof settings.trustProxy === 'object' ? [...settings.trustProxy] : settings.trustProxy,
    // Requests on open connections are finished while the server stops; the answer says that the connection ends.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: {
      // A path cannot be longer than the headers that Node takes.
      maxParamLength: 65_536,
      // Each route reads its own query string.
      querystringParser: (text: string) => text as never,
    },
    clientErrorHandler: sendClientError,
    frameworkErrors: (error, request, reply) => sendFrameworkError(serving, error, request, reply as never),
  })
  server.server.on('checkExpectation', sendExpectationFailed)
  server.setErrorHandler((error, request, reply) => {
    serving.inFlight.arriving.delete(request.raw)
    sendFrameworkError(serving, error, request, reply)
  })
  acceptJsonOnly(server)
  const onRequest = admission(serving)
  for (const route of table.routes) {
    const handler = route.served.kind === 'command' ? commandHandler(serving, route) : queryHandler(serving, route)
    // A GET has no body to wait for: its handler looks for room by itself.
    const hooks = route.method === 'GET' ? undefined : { onRequest }
    server.route({ method: route.method, url: route.path.router, ...hooks, handler })
  }
  addHealthRoutes(server, serving)
  if (settings.events !== undefined) addEvents(server, serving, settings.events)
  const streams = settings.events === undefined ? [] : [eventsPath]
  const own = ['/healthz', '/ready', ...streams, ...(settings.docs ? addDocs(server, serving, table) : [])]
  const ownPaths = own.map((path) => ({ path: pathTemplate(path, path), method: 'GET' }))
  addNotFound(server, serving, [...table.routes, ...ownPaths], table)
  return server
}

/** Bodies stay bytes: a route parses its own, so that a refusal costs nobody the connection. */
function acceptJsonOnly(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const type = request.headers['content-type'] ?? ''
    const plain = type === 'application/json' || /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)
    if (!plain || request.headers['content-encoding'] !== undefined) {
      done(
        new Refusal(
          'unsupported_media_type',
          'Expected content-type: application/json, in UTF-8 and without content-encoding.',
        ),
      )
      return
    }
    done(null, body)
  })
}
