// Who asks: the app itself, subscribers, other tenants, people whose context was made elsewhere.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { administratorsGroup, command, domain, handle, plainDirectory, query } from '@gesta/core'
import { subscriber, systemContext, systemTenant } from '@gesta/core'
import type { RequestContext } from '@gesta/core'
import { z } from 'zod'
import { encodeContext } from '../../src/request-context/request-context.ts'
import { wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import { Done, ann, ask, look, sign, work, workDomain } from './team-domain.ts'

const denied = { code: 'permission_denied' }
const held = plainDirectory({
  tenants: {
    acme: {
      identities: { ann: { groups: ['all'] }, bob: { groups: [], workspaces: [{ workspace: 'w', groups: ['all'] }] } },
      groups: { all: { permissions: ['*'] } },
      workspaces: ['w', 'v'],
    },
    [systemTenant]: { identities: { root: { groups: ['administrators'] }, guest: { groups: [] } } },
  },
})
const bob: RequestContext = { ...ann, identity: 'bob', account: 'b', session: 's-b' }
const root: RequestContext = { tenant: systemTenant, identity: 'root', account: 'r', session: 's-r' }

describe('the app itself', () => {
  test('holds every permission, in the tenant that it names', async () => {
    await using app = await startApp(workDomain())
    assert.equal(await app.running.query(ask(), { context: systemContext('acme') }), 'answer')
    assert.ok((await app.running.dispatch(work({}), { context: systemContext('acme') })).ok)
    assert.equal((await wholeLog(app.store))[0]?.tenant, 'acme')
  })

  test('cannot be sent from outside, nor read back from what was stored', async () => {
    await using app = await startApp(workDomain(), { directory: held })
    const copies: readonly RequestContext[] = [
      JSON.parse(JSON.stringify(systemContext('acme'))),
      JSON.parse(encodeContext(systemContext('acme'))),
      structuredClone(systemContext('acme')),
      {
        ...JSON.parse('{"Symbol(system)":true,"system":true,"tenant":"SYSTEM","identity":"system"}'),
        account: 'a',
        session: 's',
      },
    ]
    for (const context of copies) await assert.rejects(app.running.query(ask(), { context }), denied)
  })

  test('is nobody else: what was copied and given another sender has the permissions of that one', async () => {
    await using app = await startApp(workDomain(), { directory: held })
    const system = app.running.as(systemContext('acme'))
    const asking = (context: RequestContext): Promise<unknown> => app.clock.finish(system.query(ask(), { context }))
    await assert.rejects(asking(bob), denied)
    await assert.rejects(asking({ identity: 'bob' }), denied)
    assert.equal(await asking(ann), 'answer')
    assert.equal(await asking({ correlationId: 'c', targetTenant: 'other' }), 'answer')
  })
})

describe('a context that holds something else than names', () => {
  test('names nobody, and its denials are told all the same', async () => {
    await using app = await startApp(workDomain(), { directory: held })
    for (const none of [null, '', 1, {}, true]) {
      const context = { ...ann, account: none, session: none } as RequestContext
      await assert.rejects(app.running.query(look(), { context }), denied)
      await assert.rejects(app.running.dispatch(sign({}), { context }), denied)
      await assert.rejects(app.running.dispatch(work({}), { context: { ...ann, identity: none } as never }), denied)
      await assert.rejects(app.running.query(ask(), { context: { ...context, identity: none } as never }), denied)
    }
    assert.equal((await app.audit.read({ tenant: 'acme', after: 0, limit: 100 })).length, 20)
    assert.equal(app.running.audit.status.lost, 0)
  })
})

describe('the tenants', () => {
  test('are compared: nobody but administrators of the system asks for what is in another one', async () => {
    await using app = await startApp(workDomain(), { directory: held })
    const asking = (context: RequestContext): Promise<unknown> =>
      app.clock.finish(app.running.query(ask(), { context }))
    assert.equal(await asking(ann), 'answer')
    assert.equal(await asking({ ...ann, targetTenant: 'acme' }), 'answer')
    await assert.rejects(asking({ ...ann, targetTenant: 'other' }), denied)
    await assert.rejects(asking({ ...ann, targetTenant: '' }), denied)
    assert.equal(await asking({ ...root, targetTenant: 'acme' }), 'answer')
    await assert.rejects(asking({ ...root, identity: 'guest', targetTenant: systemTenant }), denied)
    await assert.rejects(asking({ ...root, tenant: 'acme' }), denied, 'administrators are those of the tenant SYSTEM')
  })

  test('have workspaces: groups of the tenant hold in all of them, others where the identity has them', async () => {
    await using app = await startApp(workDomain(), { directory: held })
    const asking = (context: RequestContext, targetWorkspace?: string): Promise<unknown> =>
      app.clock.finish(app.running.query(ask(), { context: { ...context, targetWorkspace } }))
    assert.equal(await asking(ann, 'v'), 'answer')
    await assert.rejects(asking(ann, 'foreign'), denied)
    assert.equal(await asking(bob, 'w'), 'answer')
    for (const workspace of [undefined, 'v', 'foreign']) await assert.rejects(asking(bob, workspace), denied)
  })

  test('keep no two callers for one: texts that run together are told apart', async () => {
    await using app = await startApp(workDomain(), { directory: held })
    const asking = (context: RequestContext): Promise<unknown> =>
      app.clock.finish(app.running.query(ask(), { context }))
    assert.equal(await asking(ann), 'answer')
    await assert.rejects(asking({ ...ann, tenant: 'acmea', identity: 'nn' }), denied)
    await assert.rejects(asking({ ...ann, tenant: 'acm', identity: 'eann' }), denied)
  })

  test('and the permissions of stores are for system administrators alone, whatever groups hold', async () => {
    const read = query('StoreEvent.Read', { result: z.string() })
    const events = domain('StoreEvent', { permissions: 'authorized', handlers: [handle(read, async () => 'events')] })
    const groups = { all: { permissions: ['*', 'StoreEvent.Read', 'StoreEvent.*'] } }
    const directory = plainDirectory({
      tenants: {
        acme: { identities: { ann: { groups: ['all'] } }, groups },
        [systemTenant]: { identities: { ann: { groups: ['all'] }, root: { groups: [administratorsGroup] } }, groups },
      },
    })
    await using app = await startApp(events, { directory })
    const reason = 'it is for system administrators alone'
    for (const context of [ann, { ...ann, tenant: systemTenant }, { ...ann, identity: 'root' }])
      await assert.rejects(app.clock.finish(app.running.query(read(), { context })), {
        code: 'permission_denied',
        facts: { contract: 'StoreEvent.Read', reason, anonymous: false },
      })
    const context = { ...ann, identity: 'root', tenant: systemTenant }
    assert.equal(await app.clock.finish(app.running.query(read(), { context })), 'events')
  })
})

describe('a subscriber', () => {
  const note = command('Note.Write', { input: z.object({ text: z.string() }) })
  const notes = (context?: RequestContext) =>
    domain('Note', {
      permissions: 'authorized',
      handlers: [handle(note, async () => undefined)],
      subscribers: [
        subscriber('Note.OnDone', { durable: false, attemptsMax: 1 }).on(Done, async (_, { dispatch }) => {
          await dispatch(note({ text: 'done' }), context === undefined ? {} : { context })
        }),
      ],
    })
  const groups = { workers: { permissions: ['Work.*'] }, writers: { permissions: ['Work.*', 'Note.*'] } }
  const run = async (group: 'workers' | 'writers', context?: RequestContext) => {
    const directory = plainDirectory({ tenants: { acme: { identities: { ann: { groups: [group] } }, groups } } })
    const app = await startApp([workDomain(), notes(context)], { directory })
    const caused = { ...ann, correlationId: 'cor-1', traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` }
    await app.clock.finish(app.running.dispatch(work({}), { context: caused, commandId: 'w-1' }))
    const listed = async () => (await app.running.commandLog.list({ commandType: 'Note.Write' })).items
    for (let at = 0; at < 200 && (await listed()).length === 0; at++) await app.clock.advance(5)
    const [record] = await listed()
    await app[Symbol.asyncDispose]()
    return record
  }

  test('sends on behalf of whom caused it, and may do what that one may', async () => {
    assert.equal((await run('writers'))?.status, 'accepted')
    const record = await run('workers')
    assert.deepEqual([record?.status, record?.error?.code], ['denied', 'permission_denied'])
  })

  test('may send in its own name, and the chain of causes stays', async () => {
    const record = await run('workers', systemContext('acme'))
    assert.equal(record?.status, 'accepted')
    const { correlationId, causationId, traceparent, identity } = JSON.parse(record?.context ?? '{}') as RequestContext
    assert.deepEqual([correlationId, causationId, identity], ['cor-1', 'w-1.0', 'system'])
    assert.match(traceparent ?? '', /^00-1+-2+-01$/)
  })
})
