// An app with everything of the identity in it, for tests: mails are collected, time is set, people are one call away.
import { createApp, hostOf, memory, systemContext, systemTenant } from '@gesta/core'
import type { AnyDomain, Backend, Command, Outcome, Query, RequestContext, Role, Running } from '@gesta/core'
import { whenCaughtUp } from '@gesta/core/testing'
import { createIdentity } from '../src/index.ts'
import type { IdentityOptions, Mail, OpenIdentity, SessionTokens } from '../src/index.ts'
import { setUp } from '../src/set-up/set-up-contracts.ts'
import { register, verify } from '../src/account/account-contracts.ts'
import { login, selectIdentity } from '../src/auth/auth-contracts.ts'
import { accept, invite } from '../src/invitation/invitation-contracts.ts'
import { create as createTenant } from '../src/tenant/tenant-contracts.ts'
import { create as createGroup } from '../src/group/group-contracts.ts'

/** No list has it, and it is long enough. */
export const password = 'nine purple tractors hum'
export const encryption = { secrets: [{ id: 'test', secret: 'a secret of tests that is long enough to seal with' }] }

export interface OpenOptions extends Partial<IdentityOptions> {
  /** Default: memory. Give two apps the same one to have two processes. */
  readonly store?: Backend
  /** Another process on the same data: mails and time are one for both. */
  readonly beside?: TestIdentity
  /** Of the process. Default: none. */
  readonly role?: Role
  /** Domains beside those of the identity. */
  readonly domains?: readonly AnyDomain[]
}
/** Somebody who is signed in. */
export interface Person {
  readonly account: string
  readonly session: string
  readonly tokens: SessionTokens
  /** As the access token says. */
  readonly context: RequestContext
}
/** Somebody who is signed in as an identity of a tenant. */
export interface Member extends Person {
  readonly identity: string
}
export type Anybody = Person | RequestContext | undefined
export interface TestIdentity extends AsyncDisposable {
  readonly app: TestApp
  readonly identity: OpenIdentity
  readonly mails: readonly Mail[]
  /** The code that a mail carries. Default: of the last one. */
  codeOf(mail?: Mail): string
  /** Lets time pass for the identity; the app's own clock goes on as it does. */
  advance(ms: number): void
  now(): number
  /** Read models and subscribers have nothing left to do. */
  settled(): Promise<void>
  /** As somebody; nobody, when left out. */
  dispatch<Result, Rejections>(
    command: Command<string, unknown, Result, Rejections>,
    who?: Anybody,
    tenant?: string,
  ): Promise<Outcome<Result, Rejections>>
  /** The result; throws for a rejection. */
  done<Result, Rejections>(
    command: Command<string, unknown, Result, Rejections>,
    who?: Anybody,
    tenant?: string,
  ): Promise<Result>
  /** `done`, or the code of a rejection. */
  outcome(command: Command<string, unknown, unknown, unknown>, who?: Anybody, tenant?: string): Promise<string>
  /** The code of a rejection; throws when there is none. */
  refused(command: Command<string, unknown, unknown, unknown>, who?: Anybody, tenant?: string): Promise<string>
  query<Result>(query: Query<string, unknown, Result>, who?: Anybody, tenant?: string): Promise<Result>
  /** The first administrator of the app; once. */
  setUp(email?: string): Promise<Person>
  /** A new account with a verified address, signed in. */
  signUp(email: string): Promise<Person>
  signIn(email: string): Promise<Person>
  /** The same session, as an identity of a tenant. */
  select(person: Person, tenant: string, identity: string): Promise<Person>
  /** A tenant with a group that holds these permissions, and somebody who has it. */
  newTenant(
    tenant: string,
    email: string,
    permissions?: readonly string[],
  ): Promise<Member & { readonly group: string }>
  /** Somebody of that tenant, who was invited to groups. */
  join(tenant: string, email: string, groups: readonly string[]): Promise<Member>
}

/** Disposed of with everything in it. */
export async function openIdentity({
  store,
  beside,
  role,
  domains = [],
  ...options
}: OpenOptions = {}): Promise<TestIdentity> {
  const shared = beside === undefined ? { aheadMs: 0, mails: [] as Mail[], apps: [] as TestApp[] } : sharedBy(beside)
  const { mails } = shared
  const now = (): number => Date.now() + shared.aheadMs
  const identity = createIdentity({
    url: 'https://shop.example',
    registration: 'open',
    mailer: { send: async (mail) => void mails.push(mail) },
    now,
    ...options,
  })
  const definition = createApp('shop', { domains: [...identity.domains, ...domains] })
  // An app that cannot be opened to its end is closed again, so that the process of its test ends.
  await using opening = new AsyncDisposableStack()
  const app = opening.use(
    await definition.start({ store: store ?? memory(), role, encryption, directory: identity.directory }),
  ) as unknown as TestApp
  const opened = opening.use(await identity.open(app))
  const kept = opening.move()
  shared.apps.push(app)

  const contextOf = (who: Anybody, tenant: string | undefined): RequestContext => {
    const context = who === undefined ? {} : 'tokens' in who ? who.context : who
    return tenant === undefined ? context : { ...context, targetTenant: tenant }
  }
  const dispatch: TestIdentity['dispatch'] = (command, who, tenant) =>
    app.dispatch(command, { context: contextOf(who, tenant) })
  const done: TestIdentity['done'] = async (command, who, tenant) => {
    const outcome = await dispatch(command, who, tenant)
    if (outcome.ok) return outcome.result
    const { code, reason } = outcome.rejection as { readonly code: string; readonly reason: string }
    throw new Error(`${command.type} was rejected: ${code}. ${reason}`)
  }
  const outcome: TestIdentity['outcome'] = async (command, who, tenant) => {
    const ended = await dispatch(command, who, tenant)
    return ended.ok ? 'done' : (ended.rejection as { readonly code: string }).code
  }
  const personOf = async (tokens: SessionTokens): Promise<Person> => {
    const context = await opened.callerOf(tokens.accessToken)
    if (context === undefined) throw new Error('Expected the access token to stand for somebody.')
    return { account: tokens.account, session: tokens.session, tokens, context }
  }
  const settled = (): Promise<void> => (shared.apps.length === 1 ? whenCaughtUp(app) : allCaughtUp(shared.apps))
  const lastMailTo = (email: string): Mail | undefined => mails.findLast(({ to }) => to === email)
  const codeOf = (mail = mails.at(-1)): string => {
    const code = /[\w-]*\.[\w-]{22}\.[\w-]{43}/.exec(mail?.text ?? '')?.[0]
    if (code === undefined) throw new Error('Expected a mail with a code.')
    return code
  }
  const signIn: TestIdentity['signIn'] = async (email) => personOf(await done(login({ email, password })))
  const signUp: TestIdentity['signUp'] = async (email) => {
    await done(register({ email, password }))
    await settled()
    await done(verify({ code: codeOf(lastMailTo(email)) }))
    return signIn(email)
  }
  const select: TestIdentity['select'] = async (person, tenant, name) =>
    personOf({ ...person.tokens, ...(await done(selectIdentity({ tenant, identity: name }), person)) })
  const join: TestIdentity['join'] = async (tenant, email, groups) => {
    await done(invite({ email, groups }), systemContext(tenant))
    await settled()
    const code = codeOf(lastMailTo(email))
    const person = await signUp(email)
    const { identityUuid } = await done(accept({ code, name: email }), person, tenant)
    return { ...(await select(person, tenant, identityUuid)), identity: identityUuid }
  }
  const made: TestIdentity = {
    app,
    identity: opened,
    mails,
    codeOf,
    advance: (ms) => {
      shared.aheadMs += ms
    },
    now,
    settled,
    dispatch,
    done,
    outcome,
    refused: async (command, who, tenant) => {
      const code = await outcome(command, who, tenant)
      if (code === 'done') throw new Error(`Expected ${command.type} to be rejected, but it was done.`)
      return code
    },
    query: (message, who, tenant) => app.query(message, { context: contextOf(who, tenant) }),
    setUp: async (email = 'root@shop.example') =>
      personOf(await done(setUp({ code: opened.setUpCode ?? '', email, password, name: 'Root' }))),
    signUp,
    signIn,
    select,
    join,
    newTenant: async (tenant, email, permissions = ['*']) => {
      await done(createTenant({ tenantUuid: tenant, name: tenant }), systemContext(systemTenant))
      const { groupUuid } = await done(createGroup({ name: 'owners', permissions }), systemContext(tenant))
      return { ...(await join(tenant, email, [groupUuid])), group: groupUuid }
    },
    [Symbol.asyncDispose]: async () => {
      shared.apps.splice(shared.apps.indexOf(app), 1)
      await kept.disposeAsync()
    },
  }
  sharing.set(made, shared)
  return made
}

type TestApp = Running<string, string>
/** What processes on the same data have in common. */
interface Shared {
  aheadMs: number
  readonly mails: Mail[]
  readonly apps: TestApp[]
}
const sharing = new WeakMap<TestIdentity, Shared>()

function sharedBy(other: TestIdentity): Shared {
  const shared = sharing.get(other)
  if (shared === undefined) throw new Error('Expected a process that openIdentity() opened.')
  return shared
}

/** A subscriber runs in one process of all: wherever that is, it has come to the end of the log. */
async function allCaughtUp(apps: readonly TestApp[]): Promise<void> {
  const [first] = apps
  if (first === undefined) return
  const reached = (head: number): boolean =>
    first
      .subscribers()
      .every(({ name }) =>
        apps.some((app) => (app.subscribers().find((one) => one.name === name)?.position ?? -1) >= head),
      )
  for (let last = -1; ;) {
    const head = await hostOf(first).head()
    if (head === last) return
    for (const app of apps) await app.caughtUp()
    while (!reached(head)) await new Promise((resolve) => setTimeout(resolve, 1))
    last = head
  }
}
