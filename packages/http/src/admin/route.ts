// A route of the admin address: from a request to an answer or a problem.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sendJson, sendProblem, uncached } from '../answer.ts'
import { Refusal } from '../problem.ts'
import type { Answering } from '../serving.ts'

/** What a request asks. */
export interface Asked {
  /** What the path names, `{name}`; empty where the path has none. */
  readonly name: string
  /** The tenant in the path, `{tenantUuid}`; empty where the path has none. */
  readonly tenant: string
  readonly queryString: string
  readonly body: Uint8Array | undefined
  /** Aborts when the connection ends before the answer. */
  readonly hungUp: AbortSignal
}
export interface Told {
  readonly body: unknown
  /** 202: it was begun, and goes on. Default 200. */
  readonly status?: 200 | 202
}
export interface AdminRoute {
  readonly method: 'GET' | 'POST'
  /** A path template. */
  readonly path: string
  /** Default: the server's. */
  readonly bodyBytesMax?: number
  readonly answer: (asked: Asked) => Told | Promise<Told>
}

export function addRoute(server: FastifyInstance, answering: Answering, route: AdminRoute): void {
  const { method, path, bodyBytesMax, answer } = route
  const run = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    try {
      const { body, status = 200 } = await answer(askedBy(request, reply, method))
      sendJson(answering, reply, JSON.stringify(body), uncached, status)
    } catch (error) {
      sendProblem(answering, request, reply, error, false)
    }
  }
  server.route({
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    ...(bodyBytesMax !== undefined && { bodyLimit: bodyBytesMax }),
    handler: (request, reply) => void run(request, reply),
  })
}

function askedBy(request: FastifyRequest, { raw }: FastifyReply, method: AdminRoute['method']): Asked {
  const queryString = request.query as string
  if (method === 'POST' && queryString !== '')
    throw new Refusal('unknown_parameter', 'Expected everything in the body, received a query string.')
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  const { name = '', tenantUuid = '' } = request.params as { readonly [field: string]: string }
  return {
    name,
    tenant: tenantUuid,
    queryString,
    body: request.body as Uint8Array | undefined,
    hungUp: gone.signal,
  }
}
