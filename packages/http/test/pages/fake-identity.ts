// An app with the contracts of the identity that says whatever a test wants, for what people see of it.
import type { Credentials } from '@gesta/core'
import assert from 'node:assert/strict'
import { command, query } from '@gesta/core'
import { GestaError } from '@gesta/core/host'
import type { ExposedContract } from '@gesta/core/host'
import { z } from 'zod'
import { serve } from '../../src/index.ts'
import type { ServeOptions, Server } from '../../src/index.ts'
import { fakeApp } from '../support/fake-host.ts'

/** What a command or query says: a result, a rejection by its code, or an error that it throws. */
export type Said = { readonly result: unknown } | { readonly no: string; readonly details?: unknown } | Error
export interface Heard {
  readonly type: string
  readonly data: unknown
  readonly context: unknown
}

const commands = [
  'Account.RegisterInvited',
  'Account.RequestPasswordReset',
  'Account.ResetPassword',
  'Account.Verify',
  'Auth.Login',
  'Auth.Logout',
  'Auth.Refresh',
  'Auth.SelectIdentity',
  'Auth.SetUp',
  'Invitation.Accept',
  'Passkey.Login',
  'Passkey.StartLogin',
] as const
const queries = ['Account.Me', 'Auth.Identities', 'Auth.Invitation'] as const

export const fakeContracts: readonly ExposedContract[] = [
  ...commands.map((type) => command(type, { input: z.looseObject({}).optional() })),
  ...queries.map((type) => query(type, { input: z.looseObject({}).optional(), result: z.unknown() })),
].map((contract) => ({
  domain: String(contract.type.split('.')[0]),
  contract: contract as unknown as ExposedContract['contract'],
  roles: ['web'],
  permission: 'anonymous',
  versioned: false,
}))

export const tokens = (identity?: string): object => ({
  accessToken: `access-${identity ?? 'none'}`,
  accessTokenExpiresAt: '2999-01-01T00:00:00Z',
  refreshToken: 'refresh',
  refreshTokenExpiresAt: '2999-01-01T00:00:00Z',
  session: 'session-1',
  account: 'account-1',
  ...(identity === undefined ? undefined : { tenant: 'tenant-1', identity }),
})

/** Who the access tokens of `tokens` stand for. */
export const callerOf = (token: string): object | undefined => {
  const [, identity] = /^access-(.*)$/.exec(token) ?? []
  if (identity === undefined) return undefined
  const account = { account: 'account-1', session: 'session-1' }
  return identity === 'none' ? account : { ...account, tenant: 'tenant-1', identity }
}

export const typed = { email: 'anna@shop.example', password: 'nine purple tractors' }
export const anna = { tenant: 'tenant-1', tenantName: 'Bakery', identity: 'identity-1', name: 'Anna' }
/** The cookie of somebody who has chosen no identity. */
export const signedIn = { cookie: '__Host-gesta-access=access-none' }

/** What an answer leaves in the browser: names to values, the last of each. */
export function cookiesOf(response: Response): { readonly [name: string]: string } {
  return Object.fromEntries(
    response.headers.getSetCookie().map((text) => {
      const [, name = '', value = ''] = /^__Host-gesta-(\w+)=([^;]*)/.exec(text) ?? []
      return [name, value]
    }),
  )
}

export function locationOf(response: Response): string | null {
  assert.equal(response.status, 303)
  return response.headers.get('location')
}

export const rateLimited = (retryAfterMs: number): Error =>
  new GestaError('rate_limited', 'Too often.', { facts: { retryAfterMs } })

export interface FakeIdentity extends AsyncDisposable {
  readonly server: Server
  readonly url: string
  readonly heard: readonly Heard[]
  /** What the server logged. */
  readonly logged: readonly unknown[]
  /** Asks for a page, and follows nothing. */
  get(path: string, headers?: { readonly [name: string]: string }): Promise<Response>
  /** Sends a form as a page of the same origin does, and follows nothing. */
  post(
    path: string,
    fields: { readonly [name: string]: string },
    headers?: { readonly [name: string]: string },
  ): Promise<Response>
  /** What is said from now on. */
  say(says: { readonly [type: string]: Said }): void
}

export const contracts = {
  starts: ['Auth.Login', 'Auth.SetUp', 'Auth.SelectIdentity', 'Account.RegisterInvited', 'Passkey.Login'],
  refresh: 'Auth.Refresh',
  ends: ['Auth.Logout'],
}

export async function serveFakeIdentity(options: ServeOptions = {}): Promise<FakeIdentity> {
  const heard: Heard[] = []
  const logged: unknown[] = []
  let says: { readonly [type: string]: Said } = {}
  const answer = (type: string): { readonly result: unknown } | { readonly no: string; readonly details?: unknown } => {
    const said = says[type] ?? { result: null }
    if (said instanceof Error) throw said
    return said
  }
  const running = fakeApp({
    contracts: fakeContracts,
    dispatch: async ({ type, data }, { context }) => {
      heard.push({ type, data, context })
      const said = answer(type)
      const facts = { token: 'token' as never, commandId: 'id', version: undefined }
      if ('result' in said) return { ok: true, result: said.result, ...facts }
      const rejection = { code: said.no, reason: `The reason of ${said.no}.`, details: said.details }
      return { ok: false, rejection: { ...rejection, rejected: true }, ...facts } as never
    },
    query: async ({ type, data }, { context }) => {
      heard.push({ type, data, context })
      const said = answer(type)
      return { result: 'result' in said ? said.result : null, version: undefined }
    },
  })
  Object.assign(running, { stores: { credentials: fakeCredentials() } })
  const server = await serve(running, {
    port: 0,
    sessions: { callerOf, contracts },
    pages: true,
    logger: { error: (facts) => void logged.push(facts), warn: (facts) => void logged.push(facts) },
    ...options,
  })
  return {
    server,
    url: server.url,
    heard,
    logged,
    get: (path, headers) => fetch(`${server.url}${path}`, { redirect: 'manual', headers: { ...headers } }),
    post: (path, fields, headers) =>
      fetch(`${server.url}${path}`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        redirect: 'manual',
        headers: { 'sec-fetch-site': 'same-origin', ...headers },
      }),
    say: (next) => {
      says = { ...says, ...next }
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function fakeCredentials(): Credentials {
  const rows = new Map<string, unknown>()
  return {
    get: async ({ id }: { readonly id: string }) => rows.get(id),
    put: async ({ id }: { readonly id: string }, credential: unknown) => {
      rows.set(id, credential)
      return true
    },
    remove: async ({ id }: { readonly id: string }) => rows.delete(id),
  } as unknown as Credentials
}
