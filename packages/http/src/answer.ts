// How answers leave: JSON, or a problem. Nothing that is thrown gets past `sendProblem`.
import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { tell } from './logger.ts'
import { Refusal, toProblem } from './problem.ts'
import type { Problem } from './problem.ts'
import type { Serving } from './serving.ts'

/** Sends JSON text with status 200. Nobody keeps a copy, except of an answer that carries an entity tag. */
export function sendJson({ stopping }: Serving, reply: FastifyReply, body: string, etag?: string): void {
  reply.header('content-type', 'application/json; charset=utf-8')
  reply.header('x-content-type-options', 'nosniff')
  if (etag === undefined) reply.header('cache-control', 'no-store')
  else reply.header('cache-control', 'private, no-cache').header('etag', etag)
  if (stopping) reply.header('connection', 'close')
  reply.send(body)
}

/** Sends what an error becomes. Failures of the server are logged, and the caller is told the id of that entry. */
export function sendProblem(
  serving: Serving,
  request: FastifyRequest,
  reply: FastifyReply,
  error: unknown,
  anonymous: boolean,
): void {
  let problem = toProblem(error, anonymous)
  if (problem.status >= 500) {
    // A query that ended because its caller hung up is no failure of the server, and nobody is there to be told.
    if (request.raw.socket.destroyed && (error as Error | undefined)?.name === 'AbortError') return
    const requestId = randomUUID()
    const facts = { requestId, method: request.method, path: pathOf(request.raw.url), code: problem.code, error }
    if (problem.status === 500) tell(serving.settings.logger, 'error', facts, 'A request failed.')
    else tell(serving.settings.logger, 'warn', facts, 'A request was not done.')
    if (problem.status === 500) problem = { ...problem, requestId }
  }
  if (error instanceof Refusal) for (const [name, value] of Object.entries(error.headers)) reply.header(name, value)
  writeProblem(serving, reply, problem)
}

/** Sends a problem as it is. */
export function writeProblem({ stopping }: Serving, reply: FastifyReply, problem: Problem): void {
  const { status } = problem
  reply.header('content-type', 'application/problem+json; charset=utf-8')
  reply.header('x-content-type-options', 'nosniff')
  reply.header('cache-control', 'no-store')
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  if (status === 503) reply.header('retry-after', '1')
  if (stopping || status === 413) reply.header('connection', 'close')
  reply.code(status).send(JSON.stringify(problem))
}

/** Query strings may hold what nobody should read in a log. */
function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? ''
}
