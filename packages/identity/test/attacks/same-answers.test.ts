// What somebody without an account may ask for is answered alike for addresses that have one and for those that do not: status, headers and
// body, and behind it as many hashes of passwords and as many commits.
import assert from 'node:assert/strict'
import { after, before, describe, mock, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import type { Answer } from '../fuzz/answers.ts'
import { bearer, markers, startTwoTenants } from '../fuzz/two-tenants.ts'
import type { TwoTenants } from '../fuzz/two-tenants.ts'

let world: TwoTenants
/** Every hash and every comparison is one message to the thread that makes them. */
const posted = mock.method(Worker.prototype, 'postMessage')
let commits: () => number
before(async () => {
  const store = memory()
  const counted: Backend = {
    ...store,
    open: async (runtime) => {
      const opened = await store.open(runtime)
      const commit = mock.method(opened.events, 'commit')
      commits = () => commit.mock.callCount()
      return opened
    },
  }
  world = await startTwoTenants(counted)
})
after(() => world[Symbol.asyncDispose]())

const known = 'alone@people.example'
const unknown = 'nobody@people.example'
const headersThatDiffer = ['date', 'gesta-token', 'content-length', 'etag']

interface Looked {
  readonly answer: { readonly status: number; readonly headers: object; readonly body: unknown }
  readonly hashes: number
  readonly commits: number
}

async function look(path: string, body: unknown, token?: string): Promise<Looked> {
  await world.running.caughtUp()
  const until = { hashes: posted.mock.callCount(), commits: commits() }
  const headers = { 'content-type': 'application/json', ...bearer(token), 'x-forwarded-for': address() }
  const answer = await world.asking.ask({ method: 'POST', target: path, headers, body: JSON.stringify(body) })
  return {
    answer: masked(answer),
    hashes: posted.mock.callCount() - until.hashes,
    commits: commits() - until.commits,
  }
}

/** Another one each time, so that nobody is throttled. */
let hosts = 0
const address = (): string => `192.0.2.${++hosts}`

function masked({ status, headers, text }: Answer): Looked['answer'] {
  const body = JSON.parse(text) as { readonly [name: string]: unknown }
  const opaque = ['token', 'commandId', 'requestId', 'version']
  return {
    status,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !headersThatDiffer.includes(name))),
    body: Object.fromEntries(Object.entries(body).map(([name, value]) => [name, opaque.includes(name) ? '' : value])),
  }
}

describe('nobody learns whether an address has an account', () => {
  test('by signing in', async () => {
    const wrong = (email: string): Promise<Looked> =>
      look('/api/v1/auth/login', { email, password: 'wrong as can be 1' })
    const [there, absent] = [await wrong(known), await wrong(unknown)]
    assert.deepEqual(there, absent)
    assert.deepEqual([there.answer.status, there.hashes], [401, 1])
  })

  test('by signing in to an account that is blocked or not verified, even with its password', async () => {
    const { account } = await world.signIn(known)
    const as = world.people.administrator.accessToken
    await world.tell('POST', `/api/accounts/${account}/block`, { reason: 'a test' }, as)
    const blocked = await look('/api/v1/auth/login', { email: known, password: 'seven purple walruses hum' })
    await world.tell('POST', `/api/accounts/${account}/unblock`, {}, as)
    await world.tell('POST', '/api/accounts', { email: 'new@people.example', password: 'seven purple walruses hum' })
    const password = 'seven purple walruses hum'
    const unverified = await look('/api/v1/auth/login', { email: 'new@people.example', password })
    const absent = await look('/api/v1/auth/login', { email: unknown, password })
    assert.deepEqual(blocked, absent)
    assert.deepEqual(unverified, absent)
  })

  test('by registering', async () => {
    const register = (email: string): Promise<Looked> =>
      look('/api/accounts', { email, password: 'eight orange otters sing' })
    const [there, absent] = [await register(known), await register('first@people.example')]
    assert.deepEqual(there.answer, absent.answer)
    assert.equal(there.hashes, absent.hashes)
    assert.equal(there.commits, absent.commits)
  })

  test('by asking for a new password, or for the mail that verifies', async () => {
    for (const path of ['/api/accounts/password-reset/request', '/api/accounts/verification/request']) {
      const [there, absent] = [await look(path, { email: known }), await look(path, { email: unknown })]
      assert.deepEqual(there.answer, absent.answer, path)
      assert.deepEqual([there.hashes, there.commits], [absent.hashes, absent.commits], path)
    }
  })

  test('by inviting it', async () => {
    const invite = (email: string): Promise<Looked> =>
      look('/api/tenants/tenant-a/invitations', { email, groups: [] }, world.people.a.accessToken)
    const [there, absent] = [await invite(known), await invite('guest@people.example')]
    const { body: a, ...first } = there.answer
    const { body: b, ...second } = absent.answer
    assert.deepEqual(first, second)
    assert.deepEqual(Object.keys(a as object), Object.keys(b as object))
    assert.deepEqual([there.hashes, there.commits], [absent.hashes, absent.commits])
  })

  test('by taking it into a tenant: an account that is not there is as one that is not verified', async () => {
    const { items } = await list()
    const unverified = items.find(({ email }) => email === 'new@people.example')?.accountUuid
    const take = (account: unknown): Promise<Looked> =>
      look('/api/tenants/tenant-a/identities', { account, name: 'X', groups: [] }, world.people.a.accessToken)
    const [there, absent] = [await take(unverified), await take('nobody-at-all')]
    assert.deepEqual(there.answer, absent.answer)
    assert.equal(there.answer.status, 422)
  })

  test('by codes: wrong, used and made up ones are the same', async () => {
    const told = async (path: string, code: string): Promise<unknown> => {
      const { answer } = await look(path, { code, password: 'nine yellow yaks nap' })
      // Who has a code that was right once may see that there was an account.
      const { version: _, ...body } = answer.body as { readonly version?: unknown }
      return { ...answer, body }
    }
    const used = await world.mailedCode(`${markers.b}@people.example`)
    for (const path of ['/api/accounts/verification', '/api/accounts/password-reset', '/api/accounts/invited'])
      for (const code of [used, used.slice(0, -2), `${used.slice(0, -2)}AA`])
        assert.deepEqual(await told(path, code), await told(path, 'nothing'), path)
  })
})

async function list(): Promise<{
  readonly items: readonly { readonly accountUuid: string; readonly email: string }[]
}> {
  const headers = bearer(world.people.administrator.accessToken)
  return JSON.parse((await world.asking.ask({ method: 'GET', target: '/api/accounts', headers })).text) as never
}
