// Revocation in one process: what was acknowledged before a request arrived is never overlooked, and what is granted is there at once.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, handle, PermissionsChanged, query, readModel } from '@gesta/core'
import type { AnyDomain, Directory } from '@gesta/core'
import { z } from 'zod'
import { wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp, StartedOptions } from '../started-app.ts'
import {
  ann,
  ask,
  end,
  Granted,
  grant,
  inAcme,
  inSystem,
  look,
  revoke,
  sign,
  teamDirectory,
  teams,
  work,
  workDomain,
} from './team-domain.ts'
import type { Pausing } from './team-domain.ts'

interface Office extends StartedApp {
  does<Result>(going: Promise<Result>): Promise<Result>
  set(message: 'grant' | 'revoke', permission?: string): Promise<unknown>
  end(kind: 'account' | 'session', id: string): Promise<unknown>
}
async function office(
  pausing: Pausing = {},
  options: StartedOptions = {},
  more: readonly AnyDomain[] = [],
): Promise<Office> {
  const app = await startApp([teams, workDomain(pausing), ...more], { directory: teamDirectory, ...options })
  const does = <Result>(going: Promise<Result>): Promise<Result> => app.clock.finish(going)
  return {
    ...app,
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
    does,
    // Not driven by the clock here: it is called inside of handlers too.
    set: async (message, permission = 'Work.*') => {
      const { dispatch } = app.running
      const input = { identity: 'ann', permission }
      return dispatch(message === 'grant' ? grant(input) : revoke(input), { context: inAcme })
    },
    end: (kind, id) => app.running.dispatch(end({ kind, id }), { context: inSystem }),
  }
}
/** Changes permissions while a command is being decided: from outside of its handler. */
function meanwhile(changes: readonly (() => Promise<unknown>)[]): {
  readonly before: (round: number) => Promise<void>
} {
  return { before: async (round) => void (await outside(changes[round - 1] ?? (async () => undefined))) }
}
/** What a handler starts must not be taken for its own doing. */
const queue: (() => void)[] = []
function outside(change: () => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => queue.push(() => void change().then(resolve, reject)))
}
async function withChanges<Result>(going: Promise<Result>): Promise<Result> {
  let done = false
  const finish = (): void => void (done = true)
  going.then(finish, finish)
  while (!done) {
    for (const next of queue.splice(0)) next()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return going
}
const denied = { code: 'permission_denied' }

describe('a permission that was granted', () => {
  test('is there at once, also after a denial', async () => {
    await using app = await office()
    const caller = app.running.as(ann)
    await assert.rejects(app.does(caller.query(ask())), denied)
    await assert.rejects(app.does(caller.dispatch(work({}))), denied)
    await app.set('grant')
    assert.equal(await app.does(caller.query(ask())), 'answer')
    assert.ok((await app.does(caller.dispatch(work({})))).ok)
  })

  test('is gone at once when it is revoked', async () => {
    await using app = await office()
    const caller = app.running.as(ann)
    await app.set('grant')
    assert.ok((await app.does(caller.dispatch(work({})))).ok)
    await app.set('revoke')
    await assert.rejects(app.does(caller.query(ask())), denied)
    await assert.rejects(app.does(caller.dispatch(work({}))), denied)
  })

  test('is not looked up again while nothing changes, and once for all who ask at the same time', async () => {
    let asked = 0
    const counting: Directory = {
      ...teamDirectory,
      identity: (who, looking) => {
        asked++
        return teamDirectory.identity(who, looking)
      },
    }
    await using app = await office({}, { directory: counting })
    await app.set('grant')
    const caller = app.running.as(ann)
    await app.does(Promise.all(Array.from({ length: 20 }, () => caller.query(ask()))))
    assert.equal(asked, 1)
    await app.does(caller.dispatch(work({})))
    await app.does(caller.query(ask()))
    assert.equal(asked, 1)
    await app.set('grant', 'Other.*')
    await app.does(caller.query(ask()))
    assert.equal(asked, 2)
  })
})

describe('a permission that is revoked while a command is decided', () => {
  test('denies it, though it was allowed before, and nothing is stored of it', async () => {
    const changes: (() => Promise<unknown>)[] = []
    await using app = await office(meanwhile(changes))
    changes.push(() => app.set('revoke'))
    await app.set('grant')
    await assert.rejects(withChanges(app.running.dispatch(work({}), { context: ann })), denied)
    assert.ok((await wholeLog(app.store)).every(({ type }) => type !== 'Work.Done'))
  })

  test('denies it also when its handler fails: the fault is not told to who may not ask', async () => {
    const changes: (() => Promise<unknown>)[] = []
    await using app = await office(meanwhile(changes))
    changes.push(() => app.set('revoke'))
    await app.set('grant')
    await assert.rejects(withChanges(app.running.dispatch(work({ desk: 'broken later' }), { context: ann })), denied)
    await app.set('grant')
    await assert.rejects(app.does(app.running.dispatch(work({ desk: 'broken' }), { context: ann })), {
      message: 'the desk is broken',
    })
  })

  test('and others that change let it be decided again, as often as they do; these are no lost races', async () => {
    const changes: (() => Promise<unknown>)[] = []
    await using app = await office(meanwhile(changes))
    for (let change = 0; change < 20; change++) changes.push(() => app.set('grant', `Other.${change}`))
    await app.set('grant')
    assert.ok((await withChanges(app.running.dispatch(work({}), { context: ann }))).ok)
    const events = await wholeLog(app.store)
    assert.equal(events.filter(({ type }) => type === 'Work.Done').length, 1)
    assert.equal(events.filter(({ type }) => type === PermissionsChanged.type).length, 21)
  })
})

describe('sessions and accounts', () => {
  for (const kind of ['account', 'session'] as const)
    test(`that end: an ended ${kind} may do nothing from then on, at every level but the lowest`, async () => {
      await using app = await office()
      const caller = app.running.as(ann)
      await app.set('grant')
      assert.equal(await app.does(caller.query(look())), 'seen')
      assert.ok((await app.does(caller.dispatch(sign({})))).ok)
      assert.equal(await app.does(caller.query(ask())), 'answer')
      await app.end(kind, kind === 'account' ? 'a-ann' : 's-1')
      for (const message of [look(), ask()]) await assert.rejects(app.does(caller.query(message)), denied)
      for (const message of [sign({}), work({})]) await assert.rejects(app.does(caller.dispatch(message)), denied)
      const other = app.running.as({ ...ann, account: 'a-2', session: 's-2' })
      assert.equal(await app.does(other.query(look())), 'seen')
    })

  test('that end while a command is decided deny it', async () => {
    const changes: (() => Promise<unknown>)[] = []
    await using app = await office(meanwhile(changes))
    changes.push(() => app.end('session', 's-1'))
    await assert.rejects(withChanges(app.running.dispatch(sign({}), { context: ann })), denied)
    assert.ok((await wholeLog(app.store)).every(({ type }) => type !== 'Work.Done'))
  })
})

describe('the epoch', () => {
  test('moves in the commit of the event, behind it, and disturbs neither version nor outcome', async () => {
    await using app = await office()
    const outcome = await app.running.dispatch(grant({ identity: 'ann', permission: 'Work.*' }), { context: inAcme })
    assert.equal(outcome.ok && outcome.version, 1)
    const events = await wholeLog(app.store)
    assert.deepEqual(
      events.map(({ type, aggregateType, aggregateId, version, tenant, commandId }) => [
        type,
        `${aggregateType}/${aggregateId}`,
        version,
        tenant,
        commandId === outcome.commandId,
      ]),
      [
        ['Team.Granted', 'Team.Member/ann', 1, 'acme', true],
        ['Gesta.PermissionsChanged', 'Gesta.Epoch/tenant', 1, 'acme', true],
      ],
    )
    assert.equal(
      (await app.running.dispatch(grant({ identity: 'ann', permission: 'B.C' }), { context: inAcme })).version,
      2,
    )
  })

  test('of an account lies in the tenant SYSTEM, and a command for another tenant cannot move it', async () => {
    await using app = await office()
    await app.end('account', 'a-ann')
    const moved = (await wholeLog(app.store)).at(-1)
    assert.deepEqual([moved?.tenant, moved?.aggregateId], ['SYSTEM', 'account:a-ann'])
    const going = app.running.dispatch(end({ kind: 'session', id: 's-1' }), { context: inAcme })
    await assert.rejects(going, { message: /Dispatch it with targetTenant: systemTenant/ })
  })

  test('is that of what is stored, as the schema has made it of what the handler gave', async () => {
    const Closed = event('Desk.Closed', z.object({ account: z.string().toLowerCase() }))
    const Desk = aggregate('Desk.Desk', () => 0).on(Closed, (count) => count + 1)
    const close = command('Desk.Close', { input: z.object({ account: z.string() }) })
    const desks = domain('Desk', {
      permissions: 'anonymous',
      handlers: [Desk.decide(close, 'account', (_, { account }) => [Closed({ account })])],
      advances: [[Closed, ({ data }) => data as { readonly account: string }]],
    })
    await using app = await office({}, {}, [desks])
    await app.running.dispatch(close({ account: 'ANN' }), { context: inSystem })
    assert.equal((await wholeLog(app.store)).at(-1)?.aggregateId, 'account:ann')
  })

  test('names somebody: else nothing would be revoked, and the change is not stored', async () => {
    const nobody = [{}, { account: '' }, { account: undefined }, { session: 7 }, { account: 'a', session: 's' }]
    for (const epoch of nobody) {
      const wrong = domain('Wrong', {
        permissions: 'anonymous',
        handlers: [],
        advances: [[Granted, () => epoch as never]],
      })
      await using app = await office({}, {}, [wrong])
      const going = app.running.dispatch(grant({ identity: 'ann', permission: 'Work.*' }), { context: inSystem })
      await assert.rejects(going, { message: /Expected an epoch to be/ })
      await assert.rejects(app.running.permissions.changed(epoch as never), { message: /Expected an epoch to be/ })
      assert.deepEqual(await wholeLog(app.store), [])
    }
  })

  test('can be followed by a view', async () => {
    const changes = readModel('Seen.Changes', () => ({ count: 0 })).on(
      PermissionsChanged,
      () => 'all',
      (row) => ({ count: row.count + 1 }),
    )
    const count = query('Seen.Count', { result: z.int() })
    const seen = domain('Seen', {
      permissions: 'anonymous',
      readModels: [changes],
      handlers: [handle(count, async (_, { read }) => (await read(changes).get('all'))?.count ?? 0)],
    })
    await using app = await office({}, {}, [seen])
    await app.set('grant')
    const { token } = await app.running.permissions.changed('tenant', 'acme')
    assert.equal(await app.does(app.running.query(count(), { context: inAcme, after: token })), 2)
  })

  test('is moved by changed(), for a directory that is no part of the app', async () => {
    let groups: readonly string[] = ['all']
    const foreign: Directory = {
      identity: async () => ({ groups }),
      group: async () => ({ permissions: ['*'] }),
      hasWorkspace: async () => true,
    }
    await using app = await office({}, { directory: foreign })
    const caller = app.running.as(ann)
    for (const epoch of ['tenant', { account: 'a-ann' }, { session: 's-1' }] as const) {
      groups = ['all']
      await app.running.permissions.changed('tenant', 'SYSTEM')
      assert.equal(await app.does(caller.query(ask())), 'answer')
      groups = []
      await app.running.permissions.changed(epoch, 'acme')
      await assert.rejects(app.does(caller.query(ask())), denied)
    }
  })
})
