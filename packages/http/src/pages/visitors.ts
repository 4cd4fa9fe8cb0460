// Who visits a page: the session that its browser keeps in cookies, refreshed when it has run out.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestContext } from '@gesta/core'
import type { Host } from '@gesta/core/host'
import { callerOf } from '../caller.ts'
import { metadataOf } from '../headers.ts'
import type { RateLimit } from '../limits/rate-limit.ts'
import type { Settings } from '../options.ts'
import { asCookies } from '../sessions/exchange.ts'
import { cookieOf, credentialsOf, endingCookies, endOf } from '../sessions/cookies.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { checkSite } from '../sessions/site.ts'
import type { WhoAsks } from '../authenticate.ts'
import type { NeededContracts } from './needed-contracts.ts'
import { pendingSeconds } from './pending-sign-in.ts'

/** As @gesta/identity tells them. */
export interface SessionTokens {
  readonly session: string
  readonly account: string
  readonly tenant?: string | undefined
  readonly identity?: string | undefined
}
/** `step`: the ticket of a pending sign-in; `invitation`: the code of one. */
export type KeptCookie = 'step' | 'invitation'
const keptSeconds: { readonly [Cookie in KeptCookie]: number } = { step: pendingSeconds, invitation: 3_600 }

export interface Visitors {
  callerOf(request: FastifyRequest, reply: FastifyReply): Promise<RequestContext | undefined>
  deviceOf(request: FastifyRequest): string | undefined
  /** Errors: `origin_not_allowed` for what no page of ours sent. */
  checkOrigin(request: FastifyRequest): void
  /** Returns who it is now. */
  signIn(reply: FastifyReply, tokens: SessionTokens): RequestContext
  signOut(reply: FastifyReply): void
  kept(request: FastifyRequest, cookie: KeptCookie): string | undefined
  /** `undefined` takes it away. */
  keep(reply: FastifyReply, cookie: KeptCookie, value: string | undefined): void
}

interface VisitorParts {
  readonly host: Host
  readonly sessions: Sessions
  readonly contracts: NeededContracts
  readonly whoAsks: WhoAsks
  readonly settings: Settings
  readonly limit: RateLimit | undefined
}

export function createVisitors({ host, sessions, contracts, whoAsks, settings, limit }: VisitorParts): Visitors {
  const { refresh } = sessions.contracts
  const { origin, deadlineMs } = settings

  /** New tokens for a refresh token. Several tabs may come with the same one at once: they are given the same. */
  async function refreshed(request: FastifyRequest, reply: FastifyReply, refreshToken: string) {
    const { raw, ip } = request
    // Whoever opens a page may have made the cookie up, and each try leaves a record.
    await limit?.check(ip, true)
    const options = { role: contracts.roleOf(refresh), deadlineMs, metadata: metadataOf(ip, raw) }
    const outcome = await host.dispatch({ type: refresh, data: { refreshToken } }, options)
    if (!outcome.ok) {
      set(reply, endingCookies)
      return undefined
    }
    limit?.gotIn(ip)
    set(reply, asCookies(outcome.result, sessions).cookies)
    return callerOfTokens(outcome.result as SessionTokens)
  }

  return {
    callerOf: async (request, reply) => {
      const caller = await callerOf(whoAsks, settings, request)
      const { refresh: refreshToken } = credentialsOf(request.raw)
      return caller ?? (refreshToken === undefined ? undefined : refreshed(request, reply, refreshToken))
    },
    deviceOf: ({ raw }) => credentialsOf(raw).device,
    checkOrigin: (request) => checkSite(request, origin),
    signIn: (reply, tokens) => {
      set(reply, asCookies(tokens, sessions).cookies)
      return callerOfTokens(tokens)
    },
    signOut: (reply) => set(reply, endingCookies),
    kept: ({ raw }, cookie) => credentialsOf(raw)[cookie],
    keep: (reply, cookie, value) =>
      set(reply, [value === undefined ? endOf(cookie) : cookieOf(cookie, value, keptSeconds[cookie])]),
  }
}

/** The last one of a name counts, and is the only one that is sent. */
function set(reply: FastifyReply, cookies: readonly string[]): void {
  const names = new Set(cookies.map(nameOf))
  const others = [reply.getHeader('set-cookie') ?? []].flat().filter((text) => !names.has(nameOf(String(text))))
  reply.removeHeader('set-cookie').header('set-cookie', [...others, ...cookies])
}

function nameOf(cookie: string): string {
  return cookie.slice(0, cookie.indexOf('='))
}

function callerOfTokens({ account, session, tenant, identity }: SessionTokens): RequestContext {
  return { account, session, tenant, identity }
}
