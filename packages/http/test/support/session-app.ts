// A small app with sessions, as the server needs to see them: who signs in with the password is somebody, until the session ends.
import { aggregate, command, createApp, domain, event, handle, query, systemTenant } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { GestaError } from '@gesta/core/host'
import { z } from 'zod'
import { routes } from '../../src/index.ts'
import type { ServeOptions, Sessions } from '../../src/index.ts'
import { serveRunning } from './serve-shop.ts'
import type { ServedShop } from './serve-shop.ts'

const tokens = z.object({
  accessToken: z.string(),
  accessTokenExpiresAt: z.string(),
  refreshToken: z.string(),
  refreshTokenExpiresAt: z.string(),
  account: z.string(),
  device: z.string().optional(),
})
type Tokens = z.infer<typeof tokens>

const login = command('Auth.Login', {
  input: z.object({ password: z.string(), device: z.string().optional() }),
  result: tokens,
  rejections: { invalid_credentials: 'The password is wrong.' },
  secretResult: true,
})
const refresh = command('Auth.Refresh', {
  input: z.object({ refreshToken: z.string() }),
  result: tokens,
  rejections: { invalid_refresh_token: 'The refresh token is not valid.' },
  secretResult: true,
})
const logout = command('Auth.Logout')
const register = command('Auth.Register', { input: z.object({ email: z.string() }) })
const busy = command('Auth.Busy')
const me = query('Auth.Me', { result: z.string() })
const keys = query('Auth.Jwks', { result: z.object({ keys: z.array(z.string()) }) })
const hello = query('Auth.Hello', { result: z.string() })
const places = query('Note.Places', { result: z.object({ tenant: z.string(), target: z.string() }) })
const note = command('Note.Write', { input: z.object({ noteId: z.string(), text: z.string() }) })
const ofSystem = query('Tenant.Place', { result: z.object({ target: z.string() }) })
const ofTenant = query('Tenant.Get', { input: z.object({ tenantUuid: z.string() }), result: z.string() })

const Written = event('Note.Written', z.object({ text: z.string() }))
const Note = aggregate('Note', () => ({ text: '' })).on(Written, (_, { text }) => ({ text }))

/** What is known of tokens: nothing of it is in a store. */
export interface Known {
  readonly access: Map<string, RequestContext>
  readonly refresh: Set<string>
  readonly devices: (string | undefined)[]
  accessSeconds: number
  /** How often `callerOf` was asked. */
  asked: number
}

function authDomain(known: Known) {
  let made = 0
  const start = (): Tokens => {
    made++
    const accessToken = `access-${made}`
    const refreshToken = `refresh-${made}`
    known.access.set(accessToken, { tenant: 'acme', identity: 'ada', account: 'ada', session: `s-${made}` })
    known.refresh.add(refreshToken)
    const after = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString()
    return {
      accessToken,
      accessTokenExpiresAt: after(known.accessSeconds),
      refreshToken,
      refreshTokenExpiresAt: after(604_800),
      account: 'ada',
    }
  }
  return domain('Auth', {
    roles: ['web'],
    permissions: {
      'Auth.Login': 'anonymous',
      'Auth.Refresh': 'anonymous',
      'Auth.Register': 'anonymous',
      'Auth.Busy': 'anonymous',
      'Auth.Logout': 'authenticated',
      'Auth.Me': 'authenticated',
      'Auth.Jwks': 'anonymous',
      'Auth.Hello': 'anonymous',
    },
    handlers: [
      handle(login, async ({ password, device }) => {
        known.devices.push(device)
        return password === 'right' ? { ...start(), device: 'device-1' } : login.reject('invalid_credentials')
      }),
      handle(refresh, async ({ refreshToken }) =>
        known.refresh.delete(refreshToken) ? start() : refresh.reject('invalid_refresh_token'),
      ),
      handle(logout, async () => known.access.clear()),
      handle(register, async () => undefined),
      handle(busy, async () => {
        throw new GestaError('rate_limited', 'Too often.', { facts: { retryAfterMs: 4_200 } })
      }),
      handle(me, async (_, { context }) => context.account ?? ''),
      handle(keys, async () => ({ keys: ['key-1'] })),
      handle(hello, async () => 'hello'),
    ],
  })
}

const noteDomain = domain('Note', {
  roles: ['web'],
  permissions: 'authorized',
  aggregates: [Note],
  handlers: [
    handle(places, async (_, { context }) => ({ tenant: context.tenant ?? '', target: context.targetTenant ?? '' })),
    Note.decide(note, 'noteId', (_, { text }) => [Written({ text })]),
  ],
})
const tenantDomain = domain('Tenant', {
  roles: ['web'],
  tenant: systemTenant,
  permissions: 'authenticated',
  handlers: [
    handle(ofSystem, async (_, { context }) => ({ target: context.targetTenant ?? '' })),
    handle(ofTenant, async ({ tenantUuid }) => tenantUuid),
  ],
})

export const sessionApp = (known: Known) =>
  createApp('sessions', { domains: [authDomain(known), noteDomain, tenantDomain] })
export type SessionApp = ReturnType<typeof sessionApp>

export interface ServedSessions extends ServedShop {
  readonly known: Known
  readonly sessions: Sessions
}

/** Members of `acme` may everything there. */
export async function serveSessions(options: ServeOptions = {}): Promise<ServedSessions> {
  const known: Known = { access: new Map(), refresh: new Set(), devices: [], accessSeconds: 900, asked: 0 }
  known.access.set('ada', { tenant: 'acme', identity: 'ada', account: 'ada', session: 's-0' })
  const sessions: Sessions = {
    callerOf: (token) => {
      known.asked++
      if (token === 'later') return Promise.resolve(known.access.get('ada'))
      if (token === 'outage') throw new GestaError('store_unavailable', 'a secret of the store')
      return known.access.get(token)
    },
    contracts: { starts: ['Auth.Login'], refresh: 'Auth.Refresh', ends: ['Auth.Logout'], keys: 'Auth.Jwks' },
  }
  const app = sessionApp(known)
  const running = await app.start({
    directory: {
      identity: async ({ tenant }) => (tenant === 'acme' ? { groups: ['all'] } : undefined),
      group: async () => ({ permissions: ['*'] }),
      hasWorkspace: async () => false,
    },
  })
  const paths = routes(app, {
    'Auth.Login': 'POST /login',
    'Auth.Jwks': 'GET /jwks',
    'Note.Places': 'GET /api/tenants/{tenantUuid}/places',
    'Note.Write': 'PUT /api/tenants/{tenantUuid}/notes/{noteId}',
    'Tenant.Place': 'GET /api/tenants/{tenantUuid}/place',
    'Tenant.Get': 'GET /api/tenants/{tenantUuid}',
  })
  const served = await serveRunning(running, { routes: paths, sessions, ...options })
  return {
    ...served,
    running,
    known,
    sessions,
    [Symbol.asyncDispose]: async () => {
      await served[Symbol.asyncDispose]()
      await running[Symbol.asyncDispose]()
    },
  }
}

/** What browsers add to what a page of the server sends. */
export const fromOwnPage = { 'sec-fetch-site': 'same-origin' }
/** A request for cookies. */
export const asksForCookies = { ...fromOwnPage, 'gesta-session': 'cookie' }
export const bearer = (token: string): { readonly authorization: string } => ({ authorization: `Bearer ${token}` })
/** A Cookie header, as a browser sends it back. */
export function cookieHeader(headers: Headers): string {
  return headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ')
}
