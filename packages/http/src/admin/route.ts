// A route of the admin address: from a request to an answer or a problem.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { RequestContext } from '@gesta/core'
import { sendJson, sendProblem, uncached, writeProblem } from '../answer.ts'
import { targeting } from '../caller.ts'
import { metadataOf } from '../headers.ts'
import { Refusal } from '../problem.ts'
import type { Problem } from '../problem.ts'
import { roomIn } from '../room.ts'
import { securityHeadersOf } from '../security-headers.ts'
import type { Answering } from '../serving.ts'
import type { Change, Gate } from './gate.ts'

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
  /** Who asks, for the data of that tenant. */
  readonly caller: RequestContext
  /** From where, for the audit log. */
  readonly metadata: { readonly [name: string]: string }
  /** Does something that the audit log is told of first. */
  change<Result>(change: Change, work: () => Promise<Result>): Promise<Result>
}
export type Told =
  | {
      readonly body: unknown
      /** 202: it was begun, and goes on. Default 200. */
      readonly status?: 200 | 202
    }
  /** A no that was decided, and no failure. */
  | { readonly problem: Problem }
/** An answer that is sent piece by piece. */
interface Streamed {
  readonly contentType: string
  readonly fileName: string
  readonly pieces: AsyncIterable<string>
}
export interface AdminRoute {
  readonly method: 'GET' | 'POST'
  /** A path template. */
  readonly path: string
  /** Default: the server's. */
  readonly bodyBytesMax?: number
  /** The permission that it takes. `asked`: what answers asks for one by itself. */
  readonly permission: string | ((asked: Asked) => string) | { readonly asked: string }
  /** What of a store it shows, for the audit log. */
  readonly shows?: (asked: Asked) => Pick<Change, 'action' | 'resource'>
  readonly answer: (asked: Asked) => Told | Streamed | Promise<Told | Streamed>
}

export function addRoute(server: FastifyInstance, answering: Answering, gate: Gate, route: AdminRoute): void {
  const { method, path, bodyBytesMax, permission, shows, answer } = route
  const run = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    try {
      const asked = askedBy(gate, request, reply, method)
      if (typeof permission === 'object') await gate.require(request, permission.asked, false)
      else await gate.require(request, typeof permission === 'string' ? permission : permission(asked), true)
      if (shows !== undefined) await gate.look(request, shows(asked))
      const told = await answer(asked)
      if ('pieces' in told) await sendPieces(answering, reply, asked.hungUp, told)
      else if ('problem' in told) writeProblem(answering, reply, told.problem)
      else sendJson(answering, reply, JSON.stringify(told.body), uncached, told.status ?? 200)
    } catch (error) {
      if (reply.raw.headersSent) reply.raw.destroy()
      else sendProblem(answering, request, reply, error, false)
    }
  }
  server.route({
    method,
    url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    ...(bodyBytesMax !== undefined && { bodyLimit: bodyBytesMax }),
    handler: (request, reply) => void run(request, reply),
  })
}

function askedBy(gate: Gate, request: FastifyRequest, { raw }: FastifyReply, method: AdminRoute['method']): Asked {
  const queryString = request.query as string
  if (method === 'POST' && queryString !== '')
    throw new Refusal('unknown_parameter', 'Expected everything in the body, received a query string.')
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  const { name = '', tenantUuid } = request.params as { readonly [field: string]: string | undefined }
  const caller = gate.callerOf(request)
  return {
    name,
    tenant: tenantUuid ?? '',
    queryString,
    body: request.body as Uint8Array | undefined,
    hungUp: gone.signal,
    caller: tenantUuid === undefined ? caller : targeting(caller, tenantUuid),
    metadata: metadataOf(request.ip, request.raw),
    change: (change, work) => gate.change(request, change, work),
  }
}

/** The first piece is waited for, so that a refusal is a problem; a failure after it cuts the answer, which then has no end. */
async function sendPieces(
  answering: Answering,
  reply: FastifyReply,
  hungUp: AbortSignal,
  { contentType, fileName, pieces }: Streamed,
): Promise<void> {
  const { raw } = reply
  const iterator = pieces[Symbol.asyncIterator]()
  try {
    let next = await iterator.next()
    raw.writeHead(200, [
      'content-type',
      contentType,
      'content-disposition',
      `attachment; filename="${fileName}"`,
      ...uncached,
      ...securityHeadersOf(answering, reply),
      ...(answering.stopping ? ['connection', 'close'] : []),
    ])
    while (next.done !== true && !hungUp.aborted) {
      if (!raw.write(next.value)) await roomIn(raw, hungUp)
      next = await iterator.next()
    }
    raw.end()
  } finally {
    await iterator.return?.()
  }
}
