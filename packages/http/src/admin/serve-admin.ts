// Serves what operators see and steer of a started app, at an address of its own.
import type { FastifyInstance } from 'fastify'
import type { Running } from '@gesta/core'
import { hostOf } from '@gesta/core/host'
import type { Host } from '@gesta/core/host'
import { sendProblem } from '../answer.ts'
import { bareServer } from '../bare-server.ts'
import { tagsOf } from '../etag.ts'
import { nothingInFlight } from '../in-flight.ts'
import { listen } from '../listening.ts'
import type { Listening } from '../listening.ts'
import type { RequestMetrics } from '../metrics/request-metrics.ts'
import { pathTemplate } from '../path-template.ts'
import { Refusal } from '../problem.ts'
import { createProbes } from '../probes/probes.ts'
import type { Probes } from '../probes/probes.ts'
import { addNotFound, sendFrameworkError } from '../refusals.ts'
import { addRuntimeStream, streamPaths } from '../runtime/add-runtime-stream.ts'
import { addRuntimeRoutes } from '../runtime/add-runtime-routes.ts'
import { runtimeTable } from '../runtime/runtime-table.ts'
import type { Asking } from '../serving.ts'
import { adminSettings } from './admin-options.ts'
import type { AdminOptions, AdminSettings } from './admin-options.ts'
import { createGate } from './gate.ts'
import { addMetrics } from './metrics.ts'
import { addRoute } from './route.ts'
import { adminRoutes } from './routes.ts'
import type { Administered } from './routes.ts'

/** Bytes of a body: what operators say is short. */
const bodyBytesMax = 16 * 1024
/** The same of the runtime, which also takes what is to be stored. */
const runtimeBytesMax = 1_048_576 + bodyBytesMax
/** Requests of the runtime at once. */
const requestsInFlightMax = 1_000

/**
 * Serves what operators may see and tell of this process: its read models, subscribers, command log, audit log and runtime. For processes
 * that serve nothing else; `serve` has the option `admin`. Disposing of it finishes the requests in flight; the app goes on. Errors: plain
 * ones for options; the system's (`EADDRINUSE`) when it cannot listen. Reference: docs/reference/admin.md.
 */
export async function serveAdmin(app: Running<string, string>, options: AdminOptions = {}): Promise<Listening> {
  const settings = adminSettings(options)
  return openAdmin(app, hostOf(app), settings)
}

/** @param beside what the server beside it looks at and counts; default: its own probes, and no requests */
export function openAdmin(
  app: Administered,
  host: Host,
  settings: AdminSettings,
  beside: { readonly probes?: Probes; readonly requests?: RequestMetrics | undefined } = {},
): Promise<Listening> {
  const gate = createGate(host, settings)
  const asking: Asking = {
    host,
    // Who asks was found out before the route was.
    settings: {
      ...settings,
      bodyBytesMax: runtimeBytesMax,
      requestsInFlightMax,
      whoAsks: (request) => gate.callerOf(request),
      origin: undefined,
      sessions: undefined,
    },
    tags: tagsOf(host.incarnation),
    inFlight: nothingInFlight(),
    limit: undefined,
    stopping: false,
  }
  const probes =
    beside.probes ?? createProbes(host, settings.probes, () => ({ leaving: false, stopping: asking.stopping }))
  return listen(adminServer(app, probes, beside.requests, asking, gate, settings), asking, settings)
}

function adminServer(
  app: Administered,
  probes: Probes,
  requests: RequestMetrics | undefined,
  asking: Asking,
  gate: ReturnType<typeof createGate>,
  { requestTimeoutMs, trustProxy, authenticate, metrics: isMeasured }: AdminSettings,
): FastifyInstance {
  // Where nobody says who they are no proxy is trusted: the peer is who asks.
  const trusted = authenticate === undefined ? false : trustProxy
  const server = bareServer(asking, { bodyBytesMax, requestTimeoutMs, trustProxy: trusted, mayUpgrade: () => false })
  server.setErrorHandler((error, request, reply) => {
    asking.inFlight.arriving.delete(request.raw)
    sendFrameworkError(asking, error, request, reply)
  })
  server.addHook('onRequest', (request, reply, done) => {
    gate.enter(request).then(
      () => done(),
      (error: unknown) => sendProblem(asking, request, reply, error, false),
    )
  })
  const routes = adminRoutes(app, asking.host, probes)
  for (const route of routes) addRoute(server, asking, gate, route)
  const runtime = runtimeTable(asking.host.contracts, 'admin')
  addRuntimeRoutes(server, asking, runtime, (request, type) => gate.require(request, type, false))
  const metrics = addMetrics(server, asking, gate, runtime, isMeasured ? { requests } : undefined)
  const { runtime: streaming } = asking.host
  if (streaming !== undefined) addRuntimeStream(server, asking, streaming.stream, gate.audience)
  const streams = (streaming === undefined ? [] : streamPaths).map((path) => ({
    method: 'GET',
    path: pathTemplate(path, path),
  }))
  const served = routes.map(({ method, path }) => ({ method, path: pathTemplate(path, path) }))
  const nothing = new Refusal('unknown_path', 'Nothing is served here. GET /admin/read-models lists the read models.')
  addNotFound(server, asking, [...served, ...runtime.routes, ...metrics, ...streams], () => nothing)
  return server
}
