// An app of accounts and tenants alone, with mails in a list, a clock that is set, and passwords that are hashed quickly where nothing else
// is asked for.
import { createHash } from 'node:crypto'
import { createApp, domain, handle, memory, query, systemContext, systemTenant } from '@gesta/core'
import type { AnyDomain, Backend, Credentials, RequestContext } from '@gesta/core'
import { whenCaughtUp } from '@gesta/core/testing'
import { z } from 'zod'
import * as contracts from '../../src/account/account-contracts.ts'
import { accountDomain } from '../../src/account/account-domain.ts'
import { accounts as accountModels } from '../../src/account/account.ts'
import { verifyPassword } from '../../src/account/password-credential.ts'
import { sessions } from '../../src/auth/session.ts'
import { createBinding } from '../../src/bound.ts'
import type { Bound } from '../../src/bound.ts'
import { invitations } from '../../src/invitation/invitation.ts'
import type { Mail, Mailer } from '../../src/mail/mailer.ts'
import { members } from '../../src/member/member.ts'
import { settingsOf } from '../../src/options.ts'
import type { IdentityOptions } from '../../src/options.ts'
import { createCodes } from '../../src/secrets/codes.ts'
import { createEmailKeys } from '../../src/secrets/email-keys.ts'
import type { Passwords } from '../../src/secrets/passwords.ts'
import { tenantDomain } from '../../src/tenant/tenant-domain.ts'

export const administrator: RequestContext = systemContext(systemTenant)
export const accounts = contracts
/** Long enough, and on no list. */
export const passwords = ['violet anchor pond', 'copper lantern dew', 'quiet marble fjord'] as const

/** The account that has an address now, and which hash counts. */
const found = query('Probe.Find', {
  input: z.object({ email: z.string() }),
  result: z.object({ account: z.string(), status: z.string(), password: z.string().nullable() }).nullable(),
})
const handleFound = handle(found, async ({ email }, { read }) => {
  const { items } = await read(accountModels).list({ pageSize: 1_000 })
  const one = items.find(({ state }) => state.email === email && state.status !== 'removed')
  return one === undefined ? null : { account: one.id, status: one.state.status, password: one.state.password ?? null }
})

export interface Options {
  /** Beside those of accounts and tenants. */
  readonly domains?: readonly AnyDomain[]
  readonly store?: Backend
  readonly identity?: Partial<IdentityOptions>
  readonly mailer?: Mailer
  readonly passwords?: Passwords
  readonly observe?: (observation: unknown) => void
}

export async function openAccounts(options: Options = {}) {
  const { store = memory(), passwords: hashing = quickPasswords() } = options
  const mails: Mail[] = []
  const mailer = options.mailer ?? { send: async (mail) => void mails.push(mail) }
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const settings = settingsOf({
    url: 'https://shop.example',
    name: 'Shop',
    registration: 'open',
    mailer,
    now,
    ...options.identity,
  })
  const binding = createBinding()
  const probes = domain('Probe', {
    permissions: 'anonymous',
    roles: ['any'],
    tenant: systemTenant,
    handlers: [handleFound],
    readModels: [sessions, invitations, members],
  })
  const app = createApp('shop', {
    domains: [accountDomain(binding), tenantDomain(binding), probes, ...(options.domains ?? [])],
  })
  const running = await app.start({
    store,
    encryption: { secrets: [{ id: 'test', secret: 'a secret of tests that is long enough' }] },
    ...(options.observe !== undefined && { observe: options.observe }),
  })
  let written = 0
  const kept = running.stores.credentials
  const credentials: Credentials = {
    ...kept,
    put: (key, credential, expected) => {
      if (expected === 0) written++
      return kept.put(key, credential, expected)
    },
  }
  const bound = {
    app: running,
    credentials,
    settings,
    passwords: hashing,
    codes: createCodes({ credentials, now }),
    emailKeys: createEmailKeys(credentials),
    tokens: fakeTokens,
    throttle: freeThrottle,
    mailer,
  } as unknown as Bound
  binding.bind(bound)
  const settled = () => whenCaughtUp(running)
  const mailsTo = (to: string) => mails.filter((mail) => mail.to === to)
  const find = async (email: string) => {
    await settled()
    return running.query(found({ email }))
  }
  return {
    running,
    bound,
    binding,
    mails,
    mailsTo,
    settled,
    find,
    /** New secrets that were written so far. */
    written: () => written,
    as: (account: string, session = 'session-1') => running.as({ account, session }),
    pass: (ms: number) => {
      aheadMs += ms
    },
    /** The code of the newest mail to an address. */
    codeTo: async (to: string): Promise<string> => {
      await settled()
      return codeIn(mailsTo(to).at(-1))
    },
    register: (email: string, password: string) => running.dispatch(contracts.register({ email, password })),
    verify: (code: string, password?: string) =>
      running.dispatch(contracts.verify(password === undefined ? { code } : { code, password })),
    /** As a sign-in decides: the account is active, and it is its password. */
    signsIn: async (email: string, password: string): Promise<boolean> => {
      const one = await find(email)
      const isRight = await verifyPassword(bound, one?.password ?? undefined, password)
      return one?.status === 'active' && isRight !== 'wrong'
    },
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]()
      await hashing[Symbol.asyncDispose]()
    },
  }
}
export type Accounts = Awaited<ReturnType<typeof openAccounts>>

export function codeIn(mail: Mail | undefined): string {
  const [, code] = /#(\S+)/.exec(mail?.text ?? '') ?? []
  if (code === undefined) throw new Error(`Expected a mail with a code, received ${mail?.subject ?? 'no mail'}.`)
  return code
}

/** Not safe, and enough to tell passwords apart. */
export function quickPasswords(): Passwords {
  const hashOf = (password: string): string => createHash('sha256').update(password.normalize('NFC')).digest('hex')
  return {
    hash: async (password) => hashOf(password),
    verify: async (hash, password) => (hash === hashOf(password) ? 'right' : 'wrong'),
    [Symbol.asyncDispose]: async () => {},
  }
}

const fakeTokens = { sign: async () => ({ token: 'signed', expiresAt: '2100-01-01T00:00:00.000Z' }) }
const freeThrottle = { check: async () => {}, failed: async () => {}, succeeded: async () => 'device' }
