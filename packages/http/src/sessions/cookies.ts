// The cookies of a session in a browser. No script reads them, no other host sets or gets them, and plain HTTP carries them only on this
// machine, where browsers take `localhost` for safe.
import type { IncomingMessage } from 'node:http'
import { Refusal } from '../problem.ts'

/** What browsers sent of a session, and what they keep for the pages from one step to the next. */
export interface Credentials {
  readonly access?: string
  readonly refresh?: string
  readonly device?: string
  /** A sign-in that waits for its second step. */
  readonly step?: string
  /** The code of an invitation that is being accepted. */
  readonly invitation?: string
}
type CookieName = keyof Credentials

const prefix = '__Host-gesta-'
/** Sent with links that lead here, so that a page that is opened knows its reader; the others are for calls of our own pages alone. */
const sameSite: { readonly [Name in CookieName]: 'Lax' | 'Strict' } = {
  access: 'Lax',
  refresh: 'Strict',
  device: 'Strict',
  step: 'Strict',
  invitation: 'Strict',
}
/** Bytes of a cookie with its attributes that every browser keeps. */
const bytesMax = 4096

const nothing: Credentials = {}
const remembered = new WeakMap<IncomingMessage, Credentials>()

/** Errors: `invalid_header` for a cookie of ours that is given twice, or has no value that we gave. */
export function credentialsOf(request: IncomingMessage): Credentials {
  const { cookie } = request.headers
  if (cookie === undefined || !cookie.includes(prefix)) return nothing
  const known = remembered.get(request)
  if (known !== undefined) return known
  const found: { -readonly [Name in CookieName]?: string } = {}
  for (const pair of cookie.split(';')) {
    const [, name, value] = ours.exec(pair) ?? []
    if (name === undefined || value === undefined || !Object.hasOwn(sameSite, name)) continue
    const which = name as CookieName
    if (found[which] !== undefined)
      throw new Refusal('invalid_header', `Expected the cookie ${prefix}${which} once, received it several times.`)
    if (!plain.test(value))
      throw new Refusal('invalid_header', `The cookie ${prefix}${which} has a value that it cannot have.`)
    found[which] = value
  }
  remembered.set(request, found)
  return found
}

/** Blanks and tabs alone are no part of a name: what else `trim` takes away, browsers let a neighbouring host put before ours. */
const ours = /^[\t ]*__Host-gesta-(\w+)=(.*?)[\t ]*$/
const plain = /^[\w.~+/=-]+$/

/** A Set-Cookie header. Errors: a plain one for a value that no browser would keep. */
export function cookieOf(name: CookieName, value: string, maxAgeSeconds: number): string {
  const seconds = Math.max(0, Math.floor(maxAgeSeconds))
  const text = `${prefix}${name}=${value}; Path=/; Secure; HttpOnly; SameSite=${sameSite[name]}; Max-Age=${seconds}`
  if (!plain.test(value) || text.length > bytesMax)
    throw new Error(
      `Expected the ${name} token to be up to ${bytesMax} bytes of what a cookie can carry, received ${text.length}.`,
    )
  return text
}

/** A Set-Cookie header that takes it away. */
export function endOf(name: CookieName): string {
  return `${prefix}${name}=; Path=/; Secure; HttpOnly; SameSite=${sameSite[name]}; Max-Age=0`
}

/** The headers that end a session in a browser; the device stays known. */
export const endingCookies: readonly string[] = [endOf('access'), endOf('refresh')]

/** The cookie that programs are told of. */
export const accessCookie: string = `${prefix}access`
