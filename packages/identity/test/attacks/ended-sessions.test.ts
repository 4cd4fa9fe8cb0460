// A session that has ended is of no use any more: to its tokens, to streams that were opened with it, to its keys.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { bearer, password, startTwoTenants } from '../fuzz/two-tenants.ts'
import type { Session, TwoTenants } from '../fuzz/two-tenants.ts'

let world: TwoTenants
before(async () => void (world = await startTwoTenants()))
after(() => world[Symbol.asyncDispose]())

/** Of the tenant's administrator, who acts as its identity. */
async function newSession(): Promise<Session> {
  const session = await world.signIn('all@people.example')
  const selected = { tenant: 'tenant-a', identity: world.people.a.identity }
  return { ...session, ...(await world.tell<object>('POST', '/api/v1/auth/identity', selected, session.accessToken)) }
}
const statusOf = async (target: string, token: string): Promise<number> =>
  (await world.asking.ask({ method: 'GET', target, headers: bearer(token) })).status

/** Domain events as they are stored, and presentation events. */
const streamPaths = ['/api/tenants/tenant-a/runtime/events', '/api/events?types=Note.Shown']
interface Stream {
  readonly status: number
  /** Everything that came, once it has ended. */
  readonly ended: Promise<string>
}
async function openStream(path: string, { accessToken }: Session): Promise<Stream> {
  const asked = request(`${world.url}${path}`, { headers: bearer(accessToken), agent: false }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  let text = ''
  response.setEncoding('utf8').on('data', (part: string) => (text += part))
  return { status: response.statusCode ?? 0, ended: once(response, 'end').then(() => text) }
}

const endings: { readonly [name: string]: (session: Session) => Promise<unknown> } = {
  'signing out': ({ accessToken }) => world.tell('POST', '/api/v1/auth/logout', {}, accessToken),
  'ending it from another session': async ({ session }) => {
    const other = await newSession()
    return world.tell('POST', '/api/commands/Auth.EndSession', { session }, other.accessToken)
  },
  'changing the password elsewhere': async () => {
    const other = await newSession()
    const changed = { currentPassword: password, newPassword: password }
    return world.tell('PUT', '/api/accounts/me/password', changed, other.accessToken)
  },
  'blocking the account': async ({ account }) => {
    const as = world.people.administrator.accessToken
    await world.tell('POST', `/api/accounts/${account}/block`, { reason: 'a test' }, as)
    return world.tell('POST', `/api/accounts/${account}/unblock`, {}, as)
  },
}

describe('after', () => {
  for (const [name, end] of Object.entries(endings))
    test(`${name} neither token, refresh token nor open stream is of use`, async () => {
      const session = await newSession()
      const streams = await Promise.all(streamPaths.map((path) => openStream(path, session)))
      assert.deepEqual(
        [...streams.map(({ status }) => status), await statusOf('/api/accounts/me', session.accessToken)],
        [200, 200, 200],
      )
      await end(session)
      for (const { ended } of streams) assert.match(await ended, /event: close\ndata: .*(?:revoked|expired|changed)/)
      for (const target of ['/api/accounts/me', '/api/v1/auth/sessions', '/api/tenants/tenant-a/notes', ...streamPaths])
        assert.ok([401, 403].includes(await statusOf(target, session.accessToken)), target)
      const again = await world.asking.ask({
        method: 'POST',
        target: '/api/v1/auth/refresh',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ refreshToken: session.refreshToken }),
      })
      assert.equal(again.status, 401, again.text)
    })
})
