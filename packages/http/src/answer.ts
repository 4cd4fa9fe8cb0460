// How answers leave: JSON, or a problem. Nothing that is thrown gets past `sendProblem`.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { findGestaError } from '@gesta/core/host'
import { tell } from './logger.ts'
import { isOfServer, Refusal, toProblem } from './problem.ts'
import type { Problem } from './problem.ts'
import { secure, securityHeadersOf } from './security-headers.ts'
import type { Answering } from './serving.ts'
import { placeOf, requestIdOf } from './watching.ts'

/**
 * Sends JSON text, with status 200 unless another is given. Nobody keeps a copy, except of an answer that carries an entity tag.
 * Written past the framework's reply, which sorts out for each answer anew what is the same for all of these.
 * @param headers names and values in turns, beside those that every answer has
 */
export function sendJson(
  answering: Answering,
  reply: FastifyReply,
  body: string,
  headers: readonly string[] = uncached,
  status: 200 | 202 = 200,
): void {
  const bytes = Buffer.byteLength(body)
  const sent = [
    'content-type',
    'application/json; charset=utf-8',
    'content-length',
    `${bytes}`,
    ...securityHeadersOf(answering, reply),
  ]
  for (const text of headers) sent.push(text)
  if (answering.stopping) sent.push('connection', 'close')
  // ASCII is the same in both, and Latin-1 goes out without being encoded.
  reply.raw.writeHead(status, sent).end(body, bytes === body.length ? 'latin1' : 'utf8')
}

/** Headers of an answer that nobody may keep. */
export const uncached = ['cache-control', 'no-store'] as const

/** Headers of an answer that is the same for everybody, and may be some minutes old. */
export const shared = ['cache-control', 'public, max-age=300'] as const

/** Headers of an answer with an entity tag: who has it asks whether it is current. Who asks may change what is shown. */
export function cached(etag: string): string[] {
  return ['cache-control', 'private, no-cache', 'vary', 'authorization, cookie', 'etag', etag]
}

/** Says that the caller has the current answer. */
export function sendNotModified(answering: Answering, reply: FastifyReply, etag: string): void {
  const sent = [...cached(etag), ...securityHeadersOf(answering, reply)]
  if (answering.stopping) sent.push('connection', 'close')
  reply.raw.writeHead(304, sent).end()
}

/**
 * Sends what an error becomes. Failures of the server are logged, and with status 500 the caller is told the id of that
 * entry. When even that fails, the connection ends.
 */
export function sendProblem(
  answering: Answering,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  anonymous: boolean,
): void {
  try {
    sendThrown(answering, request, reply, error, anonymous)
  } catch {
    request.raw.socket.destroy()
  }
}

function sendThrown(
  answering: Answering,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  anonymous: boolean,
): void {
  let problem = toProblem(error, anonymous)
  if (isOfServer(error)) {
    // A query that ended because its caller hung up is no failure of the server, and nobody is there to be told.
    if (request.raw.socket.destroyed && (error as Error | undefined)?.name === 'AbortError') return
    const requestId = requestIdOf(request.raw)
    const facts = {
      requestId,
      method: request.method,
      path: pathOf(request.raw.url),
      code: problem.code,
      ...placeOf(request.raw),
      error,
    }
    if (problem.status === 500) tell(answering.settings.logger, 'error', facts, 'A request failed.')
    else tell(answering.settings.logger, 'warn', facts, 'A request was not done.')
    if (problem.status === 500) problem = { ...problem, requestId }
  }
  const retryAfter = problem.status === 429 ? retryAfterOf(error) : undefined
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  if (error instanceof Refusal) for (const [name, value] of Object.entries(error.headers)) reply.header(name, value)
  writeProblem(answering, reply, problem)
}

/** Whole seconds, as the header wants them; absent where nobody knows. */
function retryAfterOf(error: unknown): string | undefined {
  const waitMs = findGestaError(error)?.facts['retryAfterMs']
  return typeof waitMs === 'number' && waitMs >= 0 ? `${Math.max(1, Math.ceil(waitMs / 1000))}` : undefined
}

/** Sends a problem as it is. */
export function writeProblem(answering: Answering, reply: FastifyReply, problem: Problem): void {
  const { status } = problem
  reply.header('content-type', 'application/problem+json; charset=utf-8')
  secure(answering, reply).header('cache-control', 'no-store')
  if (status === 401 && !reply.hasHeader('www-authenticate')) reply.header('www-authenticate', 'Bearer')
  if (status === 503) reply.header('retry-after', '1')
  if (answering.stopping || status === 413) reply.header('connection', 'close')
  reply.code(status).send(JSON.stringify(problem))
}

/** Query strings may hold what nobody should read in a log. */
export function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? ''
}
