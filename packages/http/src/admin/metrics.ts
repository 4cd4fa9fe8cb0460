// `GET /metrics`: the text formats of Prometheus where they were asked for at start, else JSON where the app has the runtime domain.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from '../answer.ts'
import { exposition, metricsContentTypes } from '../metrics/exposition.ts'
import type { Metric } from '../metrics/metric.ts'
import { createProcessMetrics } from '../metrics/process-metrics.ts'
import type { RequestMetrics } from '../metrics/request-metrics.ts'
import { pathTemplate } from '../path-template.ts'
import { queryHandler } from '../query-route.ts'
import type { ServedPath } from '../refusals.ts'
import type { RuntimeRoutes } from '../runtime/runtime-table.ts'
import { securityHeadersOf } from '../security-headers.ts'
import type { Asking } from '../serving.ts'
import type { Gate } from './gate.ts'

const metricsPath = '/metrics'
const permission = 'Runtime.Metrics'

/** @param measured where the text formats are served: what counts requests, if anything does */
export function addMetrics(
  server: FastifyInstance,
  asking: Asking,
  gate: Gate,
  { contracts }: RuntimeRoutes,
  measured: { readonly requests: RequestMetrics | undefined } | undefined,
): readonly ServedPath[] {
  const path = pathTemplate(metricsPath, metricsPath)
  const served = contracts.find(({ type }) => type === permission)
  const asJson = served && queryHandler(asking, { purpose: 'runtime', method: 'GET', path, tenant: undefined, served })
  if (measured === undefined && asJson === undefined) return []
  const text = measured && textOf(server, asking, measured.requests)
  server.get(metricsPath, function (request, reply) {
    // The query asks for the permission by itself; what callers of other tenants get is the same here.
    const wantsJson = asJson !== undefined && (text === undefined || /\bjson\b/.test(request.headers.accept ?? ''))
    const answer = async (): Promise<void> => {
      await gate.require(request, permission, !wantsJson)
      if (wantsJson) asJson.call(this, request, reply)
      else if (text !== undefined) sendMetrics(asking, request, reply, await text())
    }
    answer().catch((error: unknown) => sendProblem(asking, request, reply, error, false))
  })
  return [{ method: 'GET', path }]
}

function textOf(
  server: FastifyInstance,
  { host }: Asking,
  requests: RequestMetrics | undefined,
): () => Promise<readonly Metric[]> {
  const ofProcess = createProcessMetrics()
  server.addHook('onClose', () => ofProcess[Symbol.dispose]())
  // What the app cannot tell, because its store is away, must not hide what is known of the process.
  const ofApp = (): Promise<readonly Metric[]> => host.metrics().catch(() => [])
  return async () => [...(await ofApp()), ...(requests?.metrics() ?? []), ...ofProcess.metrics()]
}

function sendMetrics(asking: Asking, request: FastifyRequest, reply: FastifyReply, metrics: readonly Metric[]): void {
  const format = /application\/openmetrics-text/.test(request.headers.accept ?? '') ? 'openmetrics' : 'prometheus'
  const body = exposition(metrics, format)
  reply.raw
    .writeHead(200, [
      'content-type',
      metricsContentTypes[format],
      'content-length',
      `${Buffer.byteLength(body)}`,
      'cache-control',
      'no-store',
      ...securityHeadersOf(asking, reply),
      ...(asking.stopping ? ['connection', 'close'] : []),
    ])
    .end(body)
}
