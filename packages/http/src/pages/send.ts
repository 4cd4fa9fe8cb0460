// How pages leave: kept by nobody, framed by nobody, with nothing in them from elsewhere.
import type { FastifyReply } from 'fastify'
import { secure } from '../security-headers.ts'
import type { Serving } from '../serving.ts'
import { pageText } from './page.ts'
import type { Answer, Pages } from './visit.ts'

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

export function sendAnswer({ serving, settings }: Pages, reply: FastifyReply, answer: Answer): void {
  guard(serving, reply, 'no-store')
  // After POST the browser asks for the next page with GET, so that nothing is sent twice by going back or loading again.
  if ('to' in answer) return void reply.code(303).header('location', answer.to).send()
  if (answer.retryAfterSeconds !== undefined) reply.header('retry-after', `${answer.retryAfterSeconds}`)
  reply
    .code(answer.status ?? 200)
    .header('content-type', 'text/html; charset=utf-8')
    .send(pageText(settings.name ?? serving.host.name, answer))
}

export function sendAsset(serving: Serving, reply: FastifyReply, type: string, text: string): void {
  guard(serving, reply, 'no-cache')
  reply.header('content-type', `${type}; charset=utf-8`).send(text)
}

function guard(serving: Serving, reply: FastifyReply, cacheControl: string): void {
  secure(serving, reply)
    .header('content-security-policy', policy)
    // With no-referrer browsers would send forms without their origin.
    .header('referrer-policy', 'same-origin')
    .header('cache-control', cacheControl)
  if (serving.stopping) reply.header('connection', 'close')
}
