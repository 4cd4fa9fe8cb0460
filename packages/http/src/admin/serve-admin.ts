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
import { pathTemplate } from '../path-template.ts'
import { Refusal } from '../problem.ts'
import { createProbes } from '../probes/probes.ts'
import type { Probes } from '../probes/probes.ts'
import { queryHandler } from '../query-route.ts'
import { addNotFound, sendFrameworkError } from '../refusals.ts'
import { addRuntimeStream, streamPaths } from '../runtime/add-runtime-stream.ts'
import { addRuntimeRoutes } from '../runtime/add-runtime-routes.ts'
import { runtimeTable } from '../runtime/runtime-table.ts'
import type { Asking } from '../serving.ts'
import { adminSettings } from './admin-options.ts'
import type { AdminOptions, AdminSettings } from './admin-options.ts'
import { createGate } from './gate.ts'
import { addRoute } from './route.ts'
import { adminRoutes } from './routes.ts'
import type { Administered } from './routes.ts'

/** Bytes of a body: what operators say is short. */
const bodyBytesMax = 16 * 1024
/** The same of the runtime, which also takes what is to be stored. */
const runtimeBytesMax = 1_048_576 + bodyBytesMax
/** Requests of the runtime at once. */
const requestsInFlightMax = 1_000
const metricsPath = '/metrics'

/**
 * Serves what operators may see and tell of this process: its read models, subscribers, command log, audit log and runtime. For processes
 * that serve nothing else; `serve` has the option `admin`. Disposing of it finishes the requests in flight; the app goes on. Errors: plain
 * ones for options; the system's (`EADDRINUSE`) when it cannot listen. Reference: docs/reference/admin.md.
 */
export async function serveAdmin(app: Running<string, string>, options: AdminOptions = {}): Promise<Listening> {
  const settings = adminSettings(options)
  return openAdmin(app, hostOf(app), settings)
}

/** @param given the probes of the server beside it; default: its own */
export function openAdmin(app: Administered, host: Host, settings: AdminSettings, given?: Probes): Promise<Listening> {
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
  const probes = given ?? createProbes(host, settings.probes, () => ({ leaving: false, stopping: asking.stopping }))
  return listen(adminServer(app, probes, asking, gate, settings), asking, settings)
}

function adminServer(
  app: Administered,
  probes: Probes,
  asking: Asking,
  gate: ReturnType<typeof createGate>,
  { requestTimeoutMs, trustProxy, authenticate }: AdminSettings,
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
  const routes = adminRoutes(app, probes)
  for (const route of routes) addRoute(server, asking, gate, route)
  const runtime = runtimeTable(asking.host.contracts, 'admin')
  addRuntimeRoutes(server, asking, runtime, (request, type) => gate.require(request, type, false))
  const metrics = addMetrics(server, asking, gate, runtime)
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

/** The metrics as JSON, where the app has the runtime domain. */
function addMetrics(
  server: FastifyInstance,
  asking: Asking,
  gate: ReturnType<typeof createGate>,
  { contracts }: ReturnType<typeof runtimeTable>,
): readonly { readonly method: string; readonly path: ReturnType<typeof pathTemplate> }[] {
  const served = contracts.find(({ type }) => type === 'Runtime.Metrics')
  if (served === undefined) return []
  const path = pathTemplate(metricsPath, metricsPath)
  const handler = queryHandler(asking, { purpose: 'runtime', method: 'GET', path, tenant: undefined, served })
  server.get(metricsPath, function (request, reply) {
    gate.require(request, served.type, false).then(
      () => void handler.call(this, request, reply),
      (error: unknown) => sendProblem(asking, request, reply, error, false),
    )
  })
  return [{ method: 'GET', path }]
}
