// An administrator of one tenant asks every route for what is another one's: the answer never depends on whether that is there.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { OpenApi } from '../fuzz/operations.ts'
import type { Operation } from '../fuzz/operations.ts'
import { isAsked } from '../fuzz/requests.ts'
import { bearer, markers, startTwoTenants } from '../fuzz/two-tenants.ts'
import type { Ids, TwoTenants } from '../fuzz/two-tenants.ts'

let world: TwoTenants
let operations: readonly Operation[]
before(async () => {
  world = await startTwoTenants()
  const { text } = await world.asking.ask({ method: 'GET', target: '/docs/api' })
  operations = new OpenApi(JSON.parse(text) as never).operations.filter(isAsked)
})
after(() => world[Symbol.asyncDispose]())

/** The path with ids of a tenant, and of what lies in it. */
function targetOf(path: string, ids: { readonly [field: string]: readonly string[] }): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(ids[field]?.[0] ?? 'some-id'))
}
const nowhere: { readonly [Field in keyof Ids]: readonly string[] } = {
  tenantUuid: ['tenant-nowhere'],
  groupUuid: ['nothing'],
  workspaceUuid: ['nothing'],
  invitationUuid: ['nothing'],
  identityUuid: ['nothing'],
  keyUuid: ['nothing'],
  noteUuid: ['nothing'],
  accountUuid: ['nothing'],
  session: ['nothing'],
}
const masked = (text: string): string => text.replaceAll(/"(?:requestId|token|commandId)":"[^"]*"/g, '')

describe('what lies in another tenant', () => {
  test('is denied on every path, whoever asks and whatever they send', async () => {
    const below = operations.filter(({ path }) => path.startsWith('/api/tenants/{tenantUuid}'))
    assert.ok(below.length > 40)
    for (const { method, path } of below)
      for (const { name, token } of world.callers) {
        const headers = { ...bearer(token), ...(method === 'GET' ? {} : { 'content-type': 'application/json' }) }
        const body = method === 'GET' ? undefined : '{}'
        const answer = await world.asking.ask({ method, target: targetOf(path, world.ids.b), headers, body })
        const told = `${name}: ${method} ${path} ${answer.status} ${answer.text}`
        // Whoever has the code of an invitation may accept it, and everybody may ask what they may; both are refused for want of a field.
        const expected = /accepted$|runtime/.test(path) ? [401, 403, 404, 422] : [401, 403]
        // Who one is there: nobody.
        const isNobody = path.endsWith('/identities/me') && answer.status === 200 && answer.text === 'null'
        assert.ok(isNobody || expected.includes(answer.status), told)
        assert.ok(!answer.text.includes(markers.b), told)
      }
  })

  test('is answered as what does not exist at all', async () => {
    for (const { method, path } of operations.filter((one) => one.path.includes('{tenantUuid}'))) {
      const headers = {
        ...bearer(world.people.a.accessToken),
        ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
      }
      const ask = (ids: typeof nowhere): ReturnType<TwoTenants['asking']['ask']> =>
        world.asking.ask({ method, target: targetOf(path, ids), headers, body: method === 'GET' ? undefined : '{}' })
      const [there, absent] = [await ask(world.ids.b), await ask(nowhere)]
      assert.equal(there.status, absent.status, `${method} ${path}`)
      assert.equal(masked(there.text), masked(absent.text), `${method} ${path}`)
    }
  })

  test('is not reached with ids in a body either', async () => {
    const { a } = world.people
    const { b } = world.ids
    const ask = (path: string, body: unknown): ReturnType<TwoTenants['asking']['ask']> =>
      world.asking.ask({
        method: 'POST',
        target: path,
        headers: { 'content-type': 'application/json', ...bearer(a.accessToken) },
        body: JSON.stringify(body),
      })
    const own = '/api/tenants/tenant-a'
    const [group, identity, account] = [b.groupUuid[0], b.identityUuid[0], b.accountUuid[0]]
    const answers = await Promise.all([
      ask(`${own}/groups`, { name: 'Mine', permissions: [], groups: [group] }),
      ask(`${own}/invitations`, { email: 'x@guests.example', groups: [group] }),
      ask('/api/commands/Identity.Rename', { identityUuid: identity, name: 'Mine' }),
      ask('/api/commands/Group.Rename', { groupUuid: group, name: 'Mine' }),
      ask('/api/v1/auth/identity', { tenant: 'tenant-b', identity }),
      ask('/api/commands/Auth.EndSession', { session: b.session[0] }),
      ask('/api/commands/Account.Remove', { accountUuid: account }),
      ask('/api/commands/Account.Block', { accountUuid: account, reason: 'mine' }),
    ])
    for (const { status, text } of answers) {
      assert.ok([401, 403, 422].includes(status), text)
      assert.ok(!text.includes(markers.b), text)
    }
    const still = await world.asking.ask({
      method: 'GET',
      target: '/api/tenants/tenant-b/identities/me',
      headers: bearer(world.people.b.accessToken),
    })
    assert.equal((JSON.parse(still.text) as { readonly name: string }).name, `Somebody ${markers.b}`)
  })
})
