// What the web framework refuses, and what reaches no route, as problems of ours.
import { STATUS_CODES } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { closest } from '@gesta/core/host'
import { sendProblem } from './answer.ts'
import { fits } from './path-template.ts'
import type { PathTemplate } from './path-template.ts'
import { problemOf, Refusal } from './problem.ts'
import type { Problem } from './problem.ts'
import type { RouteTable } from './route-table.ts'
import { securityHeadersOn } from './security-headers.ts'
import type { Answering } from './serving.ts'
import type { HttpCode } from './status.ts'

/** A path that is served, with its methods in the form of an Allow header. */
export interface ServedPath {
  readonly path: PathTemplate
  readonly method: string
}

/** Answers for paths and methods that no route takes; `unknown` for those that have no method at all. */
export function addNotFound(
  server: FastifyInstance,
  answering: Answering,
  paths: readonly ServedPath[],
  unknown: (path: string) => Refusal,
): void {
  server.setNotFoundHandler((request, reply) => {
    const path = decoded(request.raw.url ?? '')
    const methods = new Set(
      paths
        .filter((served) => fits(served.path, path))
        .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
    )
    const allow = [...methods].toSorted().join(', ')
    const refusal =
      allow === ''
        ? unknown(path)
        : new Refusal('method_not_allowed', `Expected the method ${allow}, received ${request.method}.`, {
            headers: { allow },
          })
    sendProblem(answering, request, reply, refusal, true)
  })
}

/** A path under which nothing is; of contracts with the name that was probably meant. */
export function unknownPath(path: string, { contracts }: RouteTable): Refusal {
  const [, kind, type] = /^\/api\/(commands|queries|call)\/(.+)$/.exec(path) ?? []
  if (kind === undefined || type === undefined)
    return new Refusal('unknown_path', 'Nothing is served here. /docs lists what is.')
  const names = contracts
    .filter((served) => kind === 'call' || served.kind === (kind === 'commands' ? 'command' : 'query'))
    .map((served) => served.type)
  const near = closest(type.slice(0, 128), names)
  const what = kind === 'commands' ? 'command' : kind === 'queries' ? 'query' : 'command or query'
  return new Refusal(
    'missing_handler',
    `No ${what} of this name is served.${near === undefined ? '' : ` Did you mean ${near}?`}`,
  )
}

function decoded(url: string): string {
  const path = url.split(/[?#]/, 1)[0] ?? ''
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

const frameworkCodes: { readonly [code: string]: readonly [HttpCode, string] } = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['body_too_large', 'Send less, or store large content apart and send a reference.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['unsupported_media_type', 'Expected content-type: application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['invalid_request', 'The body is not as long as content-length says.'],
  FST_ERR_BAD_URL: ['invalid_encoding', 'Expected the path to be percent-encoded UTF-8, received other bytes.'],
  FST_ERR_MAX_PARAM_LENGTH: ['headers_too_large', 'A path parameter is too long.'],
  ECONNRESET: ['invalid_request', 'The connection ended before the body did.'],
}

/** What the framework refuses; anything else that arrives here is a mistake of ours. */
export function refusalOf(error: unknown): unknown {
  const [code, detail] = frameworkCodes[(error as { readonly code?: string } | undefined)?.code ?? ''] ?? []
  return code === undefined || detail === undefined ? error : new Refusal(code, detail)
}

export function sendFrameworkError(
  answering: Answering,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  sendProblem(answering, request, reply, refusalOf(error), true)
}

/** What never became a request: the parser of Node, or its timers, gave up on the connection. */
export function sendClientError(answering: Answering, error: Error & { readonly code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers_too_large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request_timeout'
        : 'invalid_request'
  const problem = problemOf(code)
  // Whoever never closes its side would keep the connection, and with it its place among the requests in flight.
  const linger = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(linger))
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${linesOf(headersOf(answering, problem, socket))}\r\n${JSON.stringify(problem)}`,
  )
}

/** In which a caller that was refused can read why. */
const lingerMs = 1000

/** Names and values in turns. */
function headersOf(answering: Answering, problem: Problem, socket: Socket): string[] {
  return [
    'content-type',
    'application/problem+json; charset=utf-8',
    'content-length',
    `${Buffer.byteLength(JSON.stringify(problem))}`,
    'cache-control',
    'no-store',
    'connection',
    'close',
    ...securityHeadersOn(answering, socket),
  ]
}

function linesOf(headers: readonly string[]): string {
  return headers.map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join('')
}

/** An Expect header other than 100-continue. */
export function sendExpectationFailed(
  answering: Answering,
  { socket }: IncomingMessage,
  response: ServerResponse,
): void {
  const problem = problemOf('expectation_failed')
  response.writeHead(problem.status, headersOf(answering, problem, socket)).end(JSON.stringify(problem))
}
