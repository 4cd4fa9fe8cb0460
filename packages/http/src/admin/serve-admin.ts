// Serves the control of a started app to operators on the same machine, at an address of its own.
import type { FastifyInstance } from 'fastify'
import type { Running } from '@gesta/core'
import { hostOf } from '@gesta/core/host'
import { sendProblem } from '../answer.ts'
import { bareServer } from '../bare-server.ts'
import { listen } from '../listening.ts'
import type { Listening } from '../listening.ts'
import { pathTemplate } from '../path-template.ts'
import { Refusal } from '../problem.ts'
import { addNotFound, sendFrameworkError } from '../refusals.ts'
import type { Answering } from '../serving.ts'
import { adminSettings } from './admin-options.ts'
import type { AdminOptions, AdminSettings } from './admin-options.ts'
import { checkLocal } from './guard.ts'
import { addRoute } from './route.ts'
import { adminRoutes } from './routes.ts'
import type { Administered } from './routes.ts'

/** Bytes of a body: what operators say is short. */
const bodyBytesMax = 16 * 1024

/**
 * Serves what operators may see and tell of this process: its read models, subscribers and command log. For processes that serve nothing else;
 * `serve` has the option `admin`. Disposing of it finishes the requests in flight; the app goes on. Errors: plain ones for options;
 * the system's (`EADDRINUSE`) when it cannot listen. Reference: docs/reference/admin.md.
 */
export async function serveAdmin(app: Running<string, string>, options: AdminOptions = {}): Promise<Listening> {
  const settings = adminSettings(options)
  hostOf(app)
  return openAdmin(app, settings)
}

export function openAdmin(app: Administered, settings: AdminSettings): Promise<Listening> {
  const answering: Answering = { settings, stopping: false }
  return listen(adminServer(app, answering, settings), answering, settings)
}

function adminServer(app: Administered, answering: Answering, { requestTimeoutMs }: AdminSettings): FastifyInstance {
  // No proxy is trusted: the peer is who asks.
  const server = bareServer(answering, { bodyBytesMax, requestTimeoutMs, trustProxy: false, mayUpgrade: () => false })
  server.setErrorHandler((error, request, reply) => sendFrameworkError(answering, error, request, reply))
  server.addHook('onRequest', (request, reply, done) => {
    try {
      checkLocal(request.raw)
    } catch (error) {
      sendProblem(answering, request, reply, error, false)
      return
    }
    done()
  })
  const routes = adminRoutes(app)
  for (const route of routes) addRoute(server, answering, route)
  const served = routes.map(({ method, path }) => ({ method, path: pathTemplate(path, path) }))
  const nothing = new Refusal('unknown_path', 'Nothing is served here. GET /admin/read-models lists the read models.')
  addNotFound(server, answering, served, () => nothing)
  return server
}
