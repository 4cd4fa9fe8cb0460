// A domain whose data lies in one tenant, whoever asks.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  aggregate,
  command,
  deny,
  domain,
  event,
  handle,
  plainDirectory,
  projection,
  query,
  systemTenant,
} from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { z } from 'zod'
import { wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'

const id = z.object({ id: z.string() })
const where = z.string()
const place = z.object({ tenant: where, workspace: where.nullable() })
const Said = event('Person.Said', z.object({}))
const Person = aggregate('Person', () => 0).on(Said, (count) => count + 1)
const people = projection(Person)
const say = command('Person.Say', { input: id })
const count = query('Person.Count', { input: id, result: z.object({ count: z.int() }) })
const list = query('Person.List', { result: place })
const own = query('Person.Own', { result: place })
const placeOf = ({ targetTenant = '', targetWorkspace }: RequestContext) => ({
  tenant: targetTenant,
  workspace: targetWorkspace ?? null,
})
const persons = domain('Person', {
  tenant: systemTenant,
  permissions: {
    'Person.Say': 'authenticated',
    'Person.Count': 'anonymous',
    'Person.List': 'authorized',
    'Person.Own': (_, caller) => (caller.holds('Person.List') ? undefined : deny('it is for those who may list')),
  },
  aggregates: [Person],
  readModels: [people],
  handlers: [
    handle(say, async (input, { load }) => (await load(Person, input.id)).emit(Said({}))),
    handle(count, async (input, { read }) => ({ count: (await read(people).get(input.id))?.state ?? 0 })),
    handle(list, async (_, { context }) => placeOf(context)),
    handle(own, async (_, { context }) => placeOf(context)),
  ],
})

const Stocked = event('Shelf.Stocked', z.object({ said: z.int() }))
const Shelf = aggregate('Shelf', () => 0).on(Stocked, (_, { said }) => said)
const stock = command('Shelf.Stock', { input: id })
const ask = query('Shelf.Ask', { input: id, result: z.object({ count: z.int() }) })
const shelves = domain('Shelf', {
  permissions: 'anonymous',
  aggregates: [Shelf],
  handlers: [
    handle(stock, async (input, { load, query: inner }) => {
      const { count: said } = await inner(count({ id: input.id }))
      const shelf = await load(Shelf, input.id)
      shelf.emit(Stocked({ said }))
    }),
    handle(ask, async (input, { query: inner }) => inner(count({ id: input.id }))),
  ],
})

const directory = plainDirectory({
  tenants: {
    acme: { identities: { ann: { groups: ['all'] } }, groups: { all: { permissions: ['*'] } } },
    [systemTenant]: {
      identities: { root: { groups: ['administrators'] }, clerk: { groups: ['clerks'] } },
      groups: { clerks: { permissions: ['Person.List'] } },
    },
  },
})
const ann: RequestContext = { tenant: 'acme', identity: 'ann', account: 'a', session: 's' }
const clerk: RequestContext = { ...ann, tenant: systemTenant, identity: 'clerk' }
const root: RequestContext = { ...ann, tenant: systemTenant, identity: 'root' }
const start = (): Promise<StartedApp> => startApp([persons, shelves], { directory })

describe('what is asked of a domain with a tenant of its own', () => {
  test('is written and read there, whoever asks and for whichever tenant', async () => {
    await using app = await start()
    const { running, clock, store } = app
    const callers = [ann, { account: 'b', session: 's' }, { ...ann, targetTenant: 'other' }, root]
    for (const context of callers) assert.ok((await running.dispatch(say({ id: 'p' }), { context })).ok)
    assert.deepEqual(
      (await wholeLog(store)).map(({ tenant, version }) => [tenant, version]),
      [1, 2, 3, 4].map((version) => [systemTenant, version]),
    )
    await clock.finish(running.caughtUp())
    for (const context of [...callers, {}])
      assert.deepEqual(await running.query(count({ id: 'p' }), { context }), { count: 4 })
  })

  test('is repeated under the same key by the same caller, whichever tenant the repetition is for', async () => {
    await using app = await start()
    const sayAgain = (context: RequestContext) =>
      app.running.dispatch(say({ id: 'p' }), { context, idempotencyKey: 'key-1' })
    const first = await sayAgain(ann)
    assert.equal((await sayAgain({ ...ann, targetTenant: 'other' })).commandId, first.commandId)
    assert.equal(await app.store.head(), 1)
  })

  test('is found there by inner queries of handlers that work elsewhere', async () => {
    await using app = await start()
    const { running, clock } = app
    await running.dispatch(say({ id: 'p' }), { context: ann })
    await clock.finish(running.caughtUp())
    assert.deepEqual(await running.query(ask({ id: 'p' }), { context: ann }), { count: 1 })
    await running.dispatch(stock({ id: 'p' }), { context: ann })
    const stocked = (await wholeLog(app.store)).at(-1)
    assert.deepEqual([stocked?.tenant, stocked?.data], ['acme', '{"said":1}'])
  })

  test('has its history from there', async () => {
    await using app = await start()
    const { running, clock } = app
    for (const context of [ann, root]) await running.dispatch(say({ id: 'p' }), { context })
    await clock.finish(running.caughtUp())
    const { history } = await running.query(count({ id: 'p' }), { context: ann, history: true })
    assert.deepEqual(
      history.map(({ aggregateId, items }) => [aggregateId, items.map(({ version }) => version)]),
      [['p', [2, 1]]],
    )
  })

  test('is recorded there, with what the caller is', async () => {
    await using app = await start()
    const { commandId } = await app.running.dispatch(say({ id: 'p' }), { context: ann })
    const record = await app.running.commandLog.get(systemTenant, commandId)
    assert.deepEqual(JSON.parse(record?.context ?? '{}'), { ...ann, targetTenant: systemTenant })
    assert.equal(await app.running.commandLog.get('acme', commandId), undefined)
  })

  test('is for administrators and for groups of that tenant, whatever groups of others name', async () => {
    await using app = await start()
    const { running } = app
    const { permissions } = running
    for (const context of [root, clerk, { ...clerk, targetTenant: 'acme' }]) {
      assert.deepEqual(await running.query(list(), { context }), { tenant: systemTenant, workspace: null })
      assert.equal(await permissions.holds(context, 'Person.List'), true)
      assert.deepEqual(await running.query(own(), { context }), { tenant: systemTenant, workspace: null })
    }
    await assert.rejects(running.query(list(), { context: ann }), { code: 'permission_denied' })
    await assert.rejects(running.query(own(), { context: ann }), { code: 'permission_denied' })
    const { allowed, path } = await permissions.explain(ann, 'Person.List')
    assert.deepEqual([allowed, path.at(-1)?.step], [false, 'tenant'])
    await assert.rejects(permissions.require(ann, 'Person.List'), { code: 'permission_denied' })
    const { items } = await app.audit.list({ tenant: systemTenant, action: 'Person.List', outcome: 'denied' })
    assert.equal(items.length, 2)
  })

  test('leaves out a workspace that the caller named of its own tenant', async () => {
    await using app = await start()
    const context = { ...root, targetTenant: 'acme', targetWorkspace: 'w' }
    assert.deepEqual(await app.running.query(list(), { context }), { tenant: systemTenant, workspace: null })
    const inside = { ...root, targetWorkspace: 'w' }
    assert.deepEqual(await app.running.query(list(), { context: inside }), { tenant: systemTenant, workspace: 'w' })
  })
})

test('a tenant that is no text is refused when the domain is made', () => {
  for (const tenant of ['', 7, null])
    assert.throws(() => domain('Person', { tenant: tenant as never, permissions: 'anonymous', handlers: [] }), {
      message: 'Expected the tenant of the domain Person to be a text, or to be left out.',
    })
})
