// Whether this is production, where what must not be overheard refuses plain HTTP.
import type { FastifyRequest } from 'fastify'
import { Refusal } from './problem.ts'

/** What was said, else what NODE_ENV says. */
export function inProduction(said: boolean | undefined): boolean {
  if (said !== undefined && typeof said !== 'boolean')
    throw new Error(`Expected production to be true or false, received ${String(said)}.`)
  return said ?? process.env['NODE_ENV'] === 'production'
}

/** Addresses of proxies, or how many stand in front; `true` believes whoever connects. */
export type TrustProxy = boolean | number | string | readonly string[]

/**
 * Errors: plain ones; in production `true` too, because then whoever connects says where it comes from, and every bound on an address
 * is passed by.
 */
export function trustedProxies(where: string, said: TrustProxy | undefined, production: boolean): TrustProxy {
  const trusted = said ?? false
  if (typeof trusted === 'number' && !(Number.isInteger(trusted) && trusted >= 1 && trusted <= 16))
    throw new Error(`${where}: expected trustProxy to be 1 to 16 proxies in a row, received ${trusted}.`)
  if (trusted === true && production)
    throw new Error(
      `${where}: in production trustProxy: true would believe whoever connects. Give the addresses of the proxies, or how many stand in a row.`,
    )
  return trusted
}

/**
 * Refuses what somebody between here and the client could read. A program on this machine that connects straight is let pass: its request
 * crosses no network. With a header of a proxy it may have come from anywhere, so then a trusted proxy has to say `https`.
 * Errors: `https_required`.
 */
export function checkHttps({ raw, protocol }: FastifyRequest): void {
  if (protocol === 'https') return
  if (isLoopback(raw.socket.remoteAddress) && !forwarding.some((name) => raw.headers[name] !== undefined)) return
  throw new Refusal(
    'https_required',
    'Expected HTTPS: a proxy that trustProxy names, with the header x-forwarded-proto: https. Received plain HTTP.',
    { headers: { connection: 'close' } },
  )
}

/** Headers that a proxy adds. */
export const forwarding = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
] as const

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && loopbackAddress.test(address)
}

const loopbackAddress = /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1)$/
