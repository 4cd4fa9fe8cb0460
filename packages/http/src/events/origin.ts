// Which pages may open a WebSocket: browsers let any page try, with the cookies of whoever looks at it.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendProblem } from '../answer.ts'
import { Refusal } from '../problem.ts'
import type { Serving } from '../serving.ts'
import type { EventsSettings } from './events-options.ts'

/** Whether the origin is allowed: none at all (no browser), the server's own host, or a listed one. Else answers 403. */
export function checkOrigin(
  serving: Serving,
  { origins }: EventsSettings,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const { origin } = request.headers
  if (origin === undefined || origins.has(origin) || isOwn(origin, request, serving.settings.origin)) return true
  const refusal = new Refusal(
    'origin_not_allowed',
    'A page of this origin may not open a WebSocket here. Serve it from the same host, or list its origin.',
  )
  sendProblem(serving, request, reply, refusal, false)
  return false
}

/** Where the server was told its own, that; else whatever host was asked for, and over HTTPS by a page that came the same way. */
function isOwn(origin: string, { host, protocol }: FastifyRequest, own: string | undefined): boolean {
  if (own !== undefined) return origin === own
  const page = URL.parse(origin)
  return page !== null && page.host === host && (protocol !== 'https' || page.protocol === 'https:')
}
