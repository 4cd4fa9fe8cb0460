// An app with accounts, served, and a member of a tenant who has signed in: every sign-in is made the way that people make theirs.
import { randomBytes } from 'node:crypto'
import { createApp, memory } from '@gesta/core'
import { createIdentity } from '@gesta/identity'
import type { OpenIdentity } from '@gesta/identity'
import { serve } from '@gesta/http'
import { checkedProbeDomain } from '../../probe.ts'

export const signInPath = '/api/v1/auth/login'
export const refreshPath = '/api/v1/auth/refresh'
export const issuer = 'http://localhost'

export interface SignedIn extends AsyncDisposable {
  readonly url: string
  readonly identity: OpenIdentity
  readonly email: string
  readonly password: string
  /** Of the member, whose group holds the permission of the query. */
  readonly accessToken: string
  readonly refreshToken: string
}
interface Tokens {
  readonly accessToken: string
  readonly refreshToken: string
  readonly account: string
}
const encryption = { secrets: [{ id: 'bench', secret: randomBytes(32).toString('base64') }] }
/** Everything comes from one address, and is counted all the same. */
const rateLimit = { requestsPerMinute: 100_000_000, attemptsPerMinute: 100_000_000 }
const email = 'ann@shop.example'
const password = 'correct horse battery staple 7'

export async function startSignedIn(): Promise<SignedIn> {
  await using opened = new AsyncDisposableStack()
  const definition = createIdentity({ url: issuer, mailer: { send: async () => undefined } })
  const app = createApp('probe', { domains: [...definition.domains, checkedProbeDomain] })
  const running = opened.use(
    await app.start({ store: memory(), role: 'web', directory: definition.directory, encryption }),
  )
  const identity = opened.use(await definition.open(running))
  // The flood comes from addresses that it makes up; see there.
  const served = opened.use(
    await serve(running, { port: 0, sessions: identity, routes: definition.routes, trustProxy: true, rateLimit }),
  )
  const tokens = await member(served.url, String(identity.setUpCode))
  const kept = opened.move()
  return {
    url: served.url,
    identity,
    email,
    password,
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** The first administrator, who then acts as a member of a tenant and has what its group has. */
async function member(url: string, code: string): Promise<Tokens> {
  const first = await post<Tokens>(url, '/api/v1/auth/set-up', { code, email, password, name: 'Ann' })
  const as = first.accessToken
  const { tenantUuid } = await post<{ tenantUuid: string }>(url, '/api/tenants', { name: 'Acme' }, as)
  const below = `/api/tenants/${tenantUuid}`
  const group = { name: 'Readers', permissions: ['Probe.Get'] }
  const { groupUuid } = await post<{ groupUuid: string }>(url, `${below}/groups`, group, as)
  const identity = { account: first.account, name: 'Ann', groups: [groupUuid] }
  const { identityUuid } = await post<{ identityUuid: string }>(url, `${below}/identities`, identity, as)
  const selected = { tenant: tenantUuid, identity: identityUuid }
  return { ...first, ...(await post<object>(url, '/api/v1/auth/identity', selected, as)) }
}

/** What an accepted command resulted in. Errors: a plain one for any other answer. */
export async function post<Result>(url: string, path: string, body: unknown, accessToken?: string): Promise<Result> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(accessToken === undefined ? undefined : { authorization: `Bearer ${accessToken}` }),
    },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`Expected ${path} to answer 200, received ${response.status}: ${text}`)
  return (JSON.parse(text) as { readonly result: Result }).result
}
