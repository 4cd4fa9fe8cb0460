// An app of accounts and a small domain, served for real, with two tenants: every text of either has a marker, so that no byte of one can
// be shown to the other unnoticed. People sign in the way that people do.
import { randomBytes } from 'node:crypto'
import { createApp, memory, runtimeDomain } from '@gesta/core'
import type { Backend, Running } from '@gesta/core'
import { createFanout } from '@gesta/core/registry'
import { whenCaughtUp } from '@gesta/core/testing'
import { serve } from '@gesta/http'
import { generateKeyPair, SignJWT } from 'jose'
import { createIdentity } from '../../src/index.ts'
import type { Mail } from '../../src/index.ts'
import { askingAt } from './asking.ts'
import type { Asking } from './asking.ts'
import { noteDomain, noteRoutes } from './note-domain.ts'

export const issuer = 'http://localhost'
export const markers = { a: 'zq7alphamarker', b: 'zq7betamarker' } as const
export type TenantName = keyof typeof markers
/** One that nobody guesses, for everybody. */
export const password = 'seven purple walruses hum'

export interface Session {
  readonly account: string
  readonly session: string
  /** Once one was selected. */
  readonly identity?: string
  readonly accessToken: string
  readonly refreshToken: string
}
export interface Caller {
  readonly name: string
  /** Absent: says nothing of itself. */
  readonly token: string | undefined
}
export type Ids = { readonly [Field in keyof typeof noIds]: readonly string[] }
export interface TwoTenants extends AsyncDisposable {
  readonly url: string
  readonly running: Running<string, string>
  readonly asking: Asking
  readonly callers: readonly Caller[]
  /** What lies in a tenant: its ids, under the names of the fields that take them. */
  readonly ids: { readonly [Name in TenantName]: Ids }
  readonly logged: readonly unknown[]
  readonly mails: readonly Mail[]
  readonly people: {
    readonly administrator: Session
    readonly a: Session
    readonly b: Session
    readonly alone: Session
  }
  /** Sends JSON and reads what an accepted command resulted in. Errors: a plain one for any other answer. */
  tell<Result>(method: string, path: string, body: unknown, token?: string): Promise<Result>
  signIn(email: string): Promise<Session>
  /** The code of the last mail to an address. */
  mailedCode(email: string): Promise<string>
}

const noIds = {
  tenantUuid: [] as string[],
  groupUuid: [] as string[],
  workspaceUuid: [] as string[],
  invitationUuid: [] as string[],
  identityUuid: [] as string[],
  keyUuid: [] as string[],
  noteUuid: [] as string[],
  accountUuid: [] as string[],
  session: [] as string[],
}

export async function startTwoTenants(store: Backend = memory()): Promise<TwoTenants> {
  await using opened = new AsyncDisposableStack()
  const mails: Mail[] = []
  const logged: unknown[] = []
  let shiftMs = 0
  const identity = createIdentity({
    url: issuer,
    registration: 'open',
    now: () => Date.now() + shiftMs,
    mailer: { send: async (mail) => void mails.push(mail) },
  })
  const app = createApp('two-tenants', { domains: [...identity.domains, noteDomain, runtimeDomain()] })
  const fanout = createFanout()
  const running = opened.use(
    await app.start({
      fanout,
      store,
      role: 'web',
      directory: identity.directory,
      encryption: { secrets: [{ id: 'test', secret: randomBytes(32).toString('base64url') }] },
    }),
  )
  const open = opened.use(await identity.open(running))
  const log = (facts: unknown, message: string): void => void logged.push({ facts, message })
  const served = opened.use(
    await serve(running, {
      port: 0,
      sessions: open,
      routes: [identity.routes, noteRoutes],
      trustProxy: '127.0.0.1',
      rateLimit: false,
      runtime: { recheckMs: 20, heartbeatMs: 20 },
      events: { fanout, recheckMs: 20 },
      logger: { error: log, warn: log },
    }),
  )
  const asking = opened.use(askingAt(served.url))

  const tell: TwoTenants['tell'] = async (method, path, body, token) => {
    const headers = { 'content-type': 'application/json', ...bearer(token) }
    const { status, text } = await asking.ask({ method, target: path, headers, body: JSON.stringify(body) })
    if (status !== 200) throw new Error(`Expected ${method} ${path} to answer 200, received ${status}: ${text}`)
    return (JSON.parse(text) as { readonly result: never }).result
  }
  const mailedCode = async (email: string): Promise<string> => {
    // A subscriber sends mails, some time after the commit.
    await whenCaughtUp(running)
    const code = /#(\S+)/.exec(mails.findLast(({ to }) => to === email)?.text ?? '')?.[1]
    if (code === undefined) throw new Error(`Expected the last mail to ${email} to carry a code.`)
    return code
  }
  const signIn = (email: string): Promise<Session> => tell('POST', '/api/v1/auth/login', { email, password })
  const person = async (email: string): Promise<Session> => {
    await tell('POST', '/api/accounts', { email, password })
    await tell('POST', '/api/accounts/verification', { code: await mailedCode(email) })
    // Whoever takes an account into a tenant is told of it as the view has it.
    await whenCaughtUp(running)
    return signIn(email)
  }

  const first = { code: open.setUpCode, email: 'root@app.example', password, name: 'Root' }
  const administrator = await tell<Session>('POST', '/api/v1/auth/set-up', first)
  const as = administrator.accessToken
  const ids = { a: structuredClone(noIds), b: structuredClone(noIds) }

  /** A tenant with one of everything; the ids of its groups. */
  const tenant = async (name: TenantName): Promise<{ readonly all: string; readonly few: string }> => {
    const marker = markers[name]
    const below = `/api/tenants/tenant-${name}`
    const made = async (path: string, body: unknown): Promise<string> => {
      const result = await tell<{ readonly [Field in keyof Ids]?: string }>('POST', `${below}${path}`, body, as)
      const [[field, id]] = Object.entries(result) as [[keyof Ids, string]]
      ids[name][field].push(id)
      return id
    }
    await tell('POST', '/api/tenants', { tenantUuid: `tenant-${name}`, name: `The ${marker}` }, as)
    ids[name].tenantUuid.push(`tenant-${name}`)
    const all = await made('/groups', { name: `Everything ${marker}`, permissions: ['*'] })
    const few = await made('/groups', { name: `Few ${marker}`, permissions: ['Note.Get', 'Identity.Me', 'Group.List'] })
    await made('/workspaces', { name: `Room ${marker}` })
    await made('/invitations', { email: `${marker}@guests.example`, groups: [few] })
    await tell('PUT', `${below}/notes/note-${name}`, { text: `Said ${marker}` }, as)
    ids[name].noteUuid.push(`note-${name}`)
    return { all, few }
  }
  const member = async (name: TenantName, email: string, group: string): Promise<Session> => {
    const session = await person(email)
    const of = { account: session.account, name: `Somebody ${markers[name]}`, groups: [group] }
    const path = `/api/tenants/tenant-${name}/identities`
    const { identityUuid } = await tell<{ readonly identityUuid: string }>('POST', path, of, as)
    ids[name].accountUuid.push(session.account)
    ids[name].session.push(session.session)
    ids[name].identityUuid.push(identityUuid)
    const selected = { tenant: `tenant-${name}`, identity: identityUuid }
    return { ...session, ...(await tell<object>('POST', '/api/v1/auth/identity', selected, session.accessToken)) }
  }
  const key = async (name: TenantName, group: string): Promise<string> => {
    const below = `/api/tenants/tenant-${name}/service-accounts`
    const of = { name: `Robot ${markers[name]}`, groups: [group] }
    const { identityUuid } = await tell<{ readonly identityUuid: string }>('POST', below, of, as)
    const called = { name: `Key ${markers[name]}` }
    const path = `${below}/${identityUuid}/api-keys`
    const made = await tell<{ readonly keyUuid: string; readonly key: string }>('POST', path, called, as)
    ids[name].identityUuid.push(identityUuid)
    ids[name].keyUuid.push(made.keyUuid)
    return made.key
  }

  const groups = { a: await tenant('a'), b: await tenant('b') }
  const alone = await person('alone@people.example')
  const few = await member('a', 'few@people.example', groups.a.few)
  const a = await member('a', 'all@people.example', groups.a.all)
  const b = await member('b', `${markers.b}@people.example`, groups.b.all)
  const keys = { a: await key('a', groups.a.all), b: await key('b', groups.b.all) }
  shiftMs = -3_600_000
  const expired = await signIn('all@people.example')
  shiftMs = 0

  const callers: readonly Caller[] = [
    { name: 'nobody', token: undefined },
    { name: 'an account without identity', token: alone.accessToken },
    { name: 'a member with few permissions', token: few.accessToken },
    { name: 'an administrator of the tenant', token: a.accessToken },
    { name: 'an API key', token: keys.a },
    { name: 'an expired token', token: expired.accessToken },
    { name: 'a foreign token', token: await foreignToken(a) },
  ]
  const kept = opened.move()
  return {
    url: served.url,
    running,
    asking,
    callers,
    ids,
    logged,
    mails,
    people: { administrator, a, b, alone },
    tell,
    signIn,
    mailedCode,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

export function bearer(token: string | undefined): { readonly [name: string]: string } {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** What somebody else's issuer would say of an administrator of the tenant. */
async function foreignToken({ accessToken }: Session): Promise<string> {
  const [head = '', claims = ''] = accessToken.split('.')
  const read = (part: string): never => JSON.parse(Buffer.from(part, 'base64url').toString()) as never
  const { privateKey } = await generateKeyPair('EdDSA')
  return new SignJWT(read(claims)).setProtectedHeader(read(head)).sign(privateKey)
}
