// Headers that every answer has: no page of somebody else may frame it, load it or learn from it where its reader was.
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import type { Answering } from './serving.ts'
import type { StrictTransport } from './strict-transport.ts'

/** Names and values in turns. */
const securityHeaders: readonly string[] = [
  'x-content-type-options',
  'nosniff',
  'referrer-policy',
  'no-referrer',
  'cross-origin-resource-policy',
  'same-origin',
  'cross-origin-opener-policy',
  'same-origin',
  'x-frame-options',
  'DENY',
  // Pages have policies of their own; whatever else is opened as one loads nothing.
  'content-security-policy',
  "default-src 'none'; frame-ancestors 'none'",
]

const year = 'max-age=31536000'
/** Beside them over HTTPS. */
const overHttps: { readonly [Said in `${StrictTransport}`]: readonly string[] } = {
  subdomains: [...securityHeaders, 'strict-transport-security', `${year}; includeSubDomains`],
  host: [...securityHeaders, 'strict-transport-security', year],
  false: securityHeaders,
}

/** Those of an answer; with a proxy in front it says whether the request came by HTTPS, if it is trusted. */
export function securityHeadersOf({ settings }: Answering, { request }: FastifyReply): readonly string[] {
  return request.protocol === 'https' ? overHttps[`${settings.hsts}`] : securityHeaders
}

/** Those of what never became a request. */
export function securityHeadersOn({ settings }: Answering, socket: Socket): readonly string[] {
  return 'encrypted' in socket ? overHttps[`${settings.hsts}`] : securityHeaders
}

/** Sets them on an answer that the framework writes. */
export function secure(answering: Answering, reply: FastifyReply): FastifyReply {
  const headers = securityHeadersOf(answering, reply)
  for (let i = 0; i < headers.length; i += 2) reply.header(headers[i] ?? '', headers[i + 1])
  return reply
}
