// What is told of requests once they have ended, to metrics and the log. Where nobody wants to know it costs nothing.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { RequestContext } from '@gesta/core'
import { traceparent } from './headers.ts'

/** A request that has ended, by what it was and never by what it said. */
export interface RequestEnd {
  /** The template, parameters left blank: `/orders/{}`. `unknown` for what is not served. */
  readonly route: string
  readonly method: string
  /** 0: the caller hung up before there was one. */
  readonly status: number
  readonly durationMs: number
  readonly requestId: string
  readonly traceId?: string
  /** Of the caller; absent where nobody is known. */
  readonly tenant?: string
}
export type Watcher = (end: RequestEnd) => void

/** Tells the watchers of every request, when its answer has ended. */
export function watchRequests(server: FastifyInstance, watchers: readonly Watcher[]): void {
  if (watchers.length === 0) return
  server.addHook('onRequest', (request, reply, done) => {
    const begun = performance.now()
    reply.raw.once('close', () => {
      const { raw } = request
      const end: RequestEnd = {
        route: routeOf(request),
        method: request.method,
        status: reply.raw.headersSent ? reply.raw.statusCode : 0,
        durationMs: performance.now() - begun,
        requestId: requestIdOf(raw),
        ...placeOf(raw),
      }
      for (const watch of watchers) watch(end)
    })
    done()
  })
}

const ids = new WeakMap<IncomingMessage, string>()
const callers = new WeakMap<IncomingMessage, RequestContext>()

/** The id under which the log has a request: its own, whatever its caller calls it. */
export function requestIdOf(request: IncomingMessage): string {
  let id = ids.get(request)
  if (id === undefined) ids.set(request, (id = randomUUID()))
  return id
}

/** Keeps who asks, for what is told of the request. */
export function noteCaller(request: IncomingMessage, caller: RequestContext | undefined): RequestContext | undefined {
  if (caller !== undefined) callers.set(request, caller)
  return caller
}

/** Trace and tenant of a request, for the log; what is not known is absent. */
export function placeOf(request: IncomingMessage): { readonly traceId?: string; readonly tenant?: string } {
  const traceId = traceparent(request)?.split('-')[1]
  const tenant = callers.get(request)?.tenant
  return { ...(traceId !== undefined && { traceId }), ...(tenant !== undefined && { tenant }) }
}

/** Parameters are numbered, and say nothing. */
function routeOf({ routeOptions: { url }, is404 }: FastifyRequest): string {
  return is404 || url === undefined ? 'unknown' : url.replaceAll(/:\w+/g, '{}')
}
