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
  if (origin === undefined || origins.has(origin)) return true
  if (URL.canParse(origin) && new URL(origin).host === request.host) return true
  const refusal = new Refusal(
    'origin_not_allowed',
    'A page of this origin may not open a WebSocket here. Serve it from the same host, or list its origin.',
  )
  sendProblem(serving, request, reply, refusal, false)
  return false
}
