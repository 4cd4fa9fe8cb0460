// Tokens on their way: to browsers as cookies, which no script can read, to programs in the body.
import { Refusal } from '../problem.ts'
import { single } from '../headers.ts'
import { isObject } from '../json-schema.ts'
import type { ServedContract } from '../served-route.ts'
import { cookieOf, credentialsOf, endingCookies } from './cookies.ts'
import type { Sessions } from './sessions.ts'
import { checkSite } from './site.ts'
import type { Settings } from '../options.ts'
import type { AskedRequest } from '../authenticate.ts'

/** What one request of a command that starts, refreshes or ends a session does with cookies. */
export interface Exchange {
  /** The input, with what it lacks and the cookies have. */
  readonly complete: (data: unknown) => unknown
  /** What leaves: the result without what became cookies, and the headers that set them. */
  readonly deliver: (result: unknown) => { readonly result: unknown; readonly cookies: readonly string[] }
  /** The cookies to be set where the answer is no. */
  readonly refused: readonly string[]
}

const sessionHeader = 'gesta-session'
const deviceSeconds = 365 * 86_400
const noCookies: readonly string[] = []

/**
 * Tokens that came as cookies leave as cookies, whatever the request asks for: no script gets to read what it could not read before.
 * Errors: `invalid_header`; `origin_not_allowed` for pages of strangers that would sign somebody in.
 */
export function exchangeOf(
  request: AskedRequest,
  { session, shape }: ServedContract,
  { sessions, origin }: Pick<Settings, 'sessions' | 'origin'>,
): Exchange | undefined {
  if (session === undefined || session === 'keys') return undefined
  const { raw, headers } = request
  const asked = asksForCookies(request)
  const sent = headers.authorization === undefined ? credentialsOf(raw) : {}
  const isOfBrowser = asked || sent.access !== undefined || sent.refresh !== undefined
  if (asked) checkSite(request, origin)
  const given = { refreshToken: session === 'refreshes' ? sent.refresh : undefined, device: sent.device }
  const fields = Object.entries(given).filter(
    ([name, value]) => value !== undefined && shape.kind === 'fields' && shape.fields.has(name),
  )
  return {
    complete: (data) =>
      fields.length === 0 || (data !== undefined && !isObject(data))
        ? data
        : { ...Object.fromEntries(fields), ...data },
    deliver: (result) => {
      if (!isOfBrowser) return { result, cookies: noCookies }
      return session === 'ends' ? { result, cookies: endingCookies } : asCookies(result, sessions)
    },
    refused: session === 'refreshes' && sent.refresh !== undefined ? endingCookies : noCookies,
  }
}

function asksForCookies({ raw }: AskedRequest): boolean {
  const asked = single(raw, sessionHeader)
  if (asked === undefined || asked === 'cookie') return asked !== undefined
  throw new Refusal(
    'invalid_header',
    `Expected the header ${sessionHeader} to be cookie, received ${JSON.stringify(asked)}.`,
  )
}

/** Tokens without what becomes cookies, and the headers that set these. */
export function asCookies(
  tokens: unknown,
  { now = Date.now }: Pick<Sessions, 'now'> = {},
): ReturnType<Exchange['deliver']> {
  if (!isObject(tokens)) return { result: tokens, cookies: noCookies }
  const { accessToken, refreshToken, device, ...result } = tokens
  const secondsUntil = (instant: unknown): number => (Date.parse(String(instant)) - now()) / 1000
  const cookies = [
    ...(typeof accessToken === 'string'
      ? [cookieOf('access', accessToken, secondsUntil(tokens['accessTokenExpiresAt']))]
      : []),
    ...(typeof refreshToken === 'string'
      ? [cookieOf('refresh', refreshToken, secondsUntil(tokens['refreshTokenExpiresAt']))]
      : []),
    ...(typeof device === 'string' ? [cookieOf('device', device, deviceSeconds)] : []),
  ]
  return { result, cookies }
}
