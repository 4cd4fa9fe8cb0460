// What goes wrong with who says who may do what: nothing is allowed meanwhile, and nothing of it is remembered.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  allOf,
  anyOf,
  command,
  deny,
  domain,
  handle,
  isGestaError,
  isPermissionDenied,
  plainDirectory,
} from '@gesta/core'
import type { Caller, Directory, Permission } from '@gesta/core'
import type { Look } from '@gesta/core'
import { createEpochs } from '../../src/permissions/epochs.ts'
import { createResolver } from '../../src/permissions/resolver.ts'
import { createPermissionRegistry } from '../../src/permissions/registry.ts'
import { memory } from '../../src/stores/memory-backend.ts'
import { createAlarms } from '../../src/time/alarms.ts'
import { deadline } from '../../src/time/deadline.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'
import { ann, ask, grant, inAcme, sign, teamDirectory, teams, work, workDomain } from './team-domain.ts'

const unavailable = { code: 'permissions_unavailable' }
const held: Directory = plainDirectory({
  tenants: { acme: { identities: { ann: { groups: ['all'] } }, groups: { all: { permissions: ['*'] } } } },
})

describe('a directory', () => {
  const faults: readonly [string, Partial<Directory>][] = [
    ['that rejects', { identity: () => Promise.reject(new Error('no')) }],
    [
      'that throws',
      {
        group: () => {
          throw new Error('no')
        },
      },
    ],
    ['that never answers', { identity: () => new Promise(() => undefined) }],
    ['whose groups never answer', { group: () => new Promise(() => undefined) }],
    ['that answers with nonsense', { identity: async () => true as never }],
    ['that answers null', { identity: async () => null as never }],
    ['whose groups are no texts', { identity: async () => ({ groups: [1] }) as never }],
    ['whose group is no group', { group: async () => ({ permissions: 'all' }) as never }],
    ['whose workspaces are no list', { identity: async () => ({ groups: [], workspaces: {} }) as never }],
    ['that says neither yes nor no of a workspace', { hasWorkspace: async () => 'yes' as never }],
    ['that says neither yes nor no of a session', { session: async () => 1 as never }],
    ['whose groups never end', { group: async (_, id) => ({ permissions: [], groups: [`${id}.`] }) }],
  ]
  for (const [what, fault] of faults)
    test(`${what} denies with an error of its own, and is asked again`, async () => {
      let isBroken = true
      const directory: Directory = {
        identity: (who, look) => (isBroken && fault.identity ? fault.identity : held.identity)(who, look),
        group: (tenant, id, look) => (isBroken && fault.group ? fault.group : held.group)(tenant, id, look),
        hasWorkspace: async (tenant, id, look) =>
          isBroken && fault.hasWorkspace ? fault.hasWorkspace(tenant, id, look) : true,
        session: async (who, look) => (isBroken && fault.session ? fault.session(who, look) : true),
      }
      await using app = await startApp(workDomain(), { directory })
      const caller = app.running.as({ ...ann, targetWorkspace: 'w' })
      await assert.rejects(app.clock.finish(caller.query(ask())), unavailable)
      await assert.rejects(app.clock.finish(caller.dispatch(work({}))), unavailable)
      isBroken = false
      assert.equal(await app.clock.finish(caller.query(ask())), 'answer')
    })

  test('has five seconds, or until the deadline of the call', async () => {
    const signals: AbortSignal[] = []
    const silent = (_: unknown, { signal }: Look): Promise<undefined> => {
      signals.push(signal)
      return new Promise(() => undefined)
    }
    await using app = await startApp(workDomain(), { directory: { ...held, identity: silent } })
    const begunUs = app.clock.nowUs()
    const late = app.running.query(ask(), { context: ann, deadlineMs: 100 })
    await assert.rejects(app.clock.finish(late), { code: 'deadline_exceeded' })
    assert.equal((app.clock.nowUs() - begunUs) / 1000, 100)
    await assert.rejects(app.clock.finish(app.running.query(ask(), { context: ann })), unavailable)
    assert.equal((app.clock.nowUs() - begunUs) / 1000, 5_000, 'who came later shared the same look')
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true],
    )
  })

  test('that is not given leaves nobody with anything', async () => {
    await using app = await startApp(workDomain())
    await assert.rejects(app.running.query(ask(), { context: ann }), {
      code: 'permission_denied',
      facts: { contract: 'Work.Ask', reason: 'the directory knows no such identity', anonymous: false },
    })
    assert.ok((await app.running.dispatch(sign({}), { context: ann })).ok)
  })

  test('that misses a method, and options out of bounds, are refused at start', async () => {
    const { group: _, ...rest } = held
    await assert.rejects(startApp(workDomain(), { directory: rest as never }), { message: /to have the method group/ })
    for (const permissions of [{ staleMs: -1 }, { staleMs: 60_001 }, { cachedMax: 0 }, { cachedMax: 1_000_001 }])
      await assert.rejects(startApp(workDomain(), { permissions }), RangeError)
    await assert.rejects(startApp(workDomain(), { permissions: { stale: 1 } as never }), {
      message: /has no option "stale"/,
    })
  })

  test('may have groups in circles, which add nothing', async () => {
    const directory = plainDirectory({
      tenants: {
        acme: {
          identities: { ann: { groups: ['a'] } },
          groups: {
            a: { permissions: [], groups: ['b', 'a'] },
            b: { permissions: ['Work.Ask'], groups: ['c'] },
            c: { permissions: [], groups: ['a', 'b'] },
          },
        },
      },
    })
    await using app = await startApp(workDomain(), { directory })
    assert.equal(await app.clock.finish(app.running.query(ask(), { context: ann })), 'answer')
    await assert.rejects(app.clock.finish(app.running.dispatch(work({}), { context: ann })), {
      code: 'permission_denied',
    })
    const { path } = await app.running.permissions.explain(ann, 'Work.Ask')
    assert.deepEqual(path.at(-1)?.groups, ['a'])
  })
})

describe('the epochs', () => {
  test('that cannot be read deny with an error of their own', async () => {
    let isAway = true
    const wrap = (events: { readTails: (read: never) => Promise<unknown> }) => ({
      readTails: (read: never) => (isAway ? Promise.reject(new Error('away')) : events.readTails(read)),
    })
    await using app = await startApp(workDomain(), { directory: held, wrap: wrap as never })
    for (let round = 0; round < 2; round++)
      await assert.rejects(app.clock.finish(app.running.query(ask(), { context: ann })), unavailable)
    isAway = false
    assert.equal(await app.clock.finish(app.running.query(ask(), { context: ann })), 'answer')
  })

  test('that are never read keep nobody waiting for ever, and are read again', async () => {
    let isAway = true
    const wrap = (events: { readTails: (read: never) => Promise<unknown> }) => ({
      readTails: (read: never) => (isAway ? new Promise(() => undefined) : events.readTails(read)),
    })
    await using app = await startApp(workDomain(), { directory: held, wrap: wrap as never })
    await assert.rejects(app.clock.finish(app.running.query(ask(), { context: ann })), unavailable)
    isAway = false
    assert.equal(await app.clock.finish(app.running.query(ask(), { context: ann })), 'answer')
  })

  test('are looked up anew when it was uncertain what was stored', async () => {
    let isSilent = false
    await using app = await startApp([teams, workDomain()], {
      directory: teamDirectory,
      // The first answer is lost, and nobody is told of what was stored.
      wrap: (events) => ({
        onAppend: (listener) => events.onAppend((stored) => (isSilent ? undefined : listener(stored))),
      }),
    })
    const finish = <Result>(going: Promise<Result>): Promise<Result> => app.clock.finish(going)
    const input = { identity: 'ann', permission: 'Work.*' }
    await assert.rejects(finish(app.running.query(ask(), { context: ann })), { code: 'permission_denied' })
    isSilent = true
    await finish(app.running.dispatch(grant(input), { context: inAcme, commandId: 'g-1' }))
    isSilent = false
    await app.running.permissions.changed('tenant', 'acme')
    assert.equal(await finish(app.running.query(ask(), { context: ann })), 'answer')
  })
})

describe('the sets in memory', () => {
  test('are bounded, with the epochs that they rely on', async () => {
    const clock = createFakeClock()
    const { events } = await memory().open(fakeRuntime(clock))
    const alarms = createAlarms(clock)
    const epochs = createEpochs(events, alarms, false)
    const registry = createPermissionRegistry([])
    const directory: Directory = {
      identity: async () => ({ groups: [] }),
      group: async () => undefined,
      hasWorkspace: async () => false,
    }
    const views = { reader: () => undefined }
    for (const cachedMax of [1, 2, 10]) {
      const resolver = createResolver({ directory, registry, epochs, views, alarms, cachedMax })
      const subjectOf = (at: number) => ({
        account: `a${at}`,
        session: `s${at}`,
        member: { tenant: `t${at}`, identity: 'i', workspace: undefined },
      })
      const contextOf = (at: number) => ({ account: `a${at}`, session: `s${at}`, tenant: `t${at}`, identity: 'i' })
      const freshness = { isStrict: true, maxAgeUs: 0 }
      for (let at = 0; at < 100; at++) {
        await resolver.fetch(subjectOf(at), freshness, deadline(alarms, undefined, undefined))
        assert.ok(resolver.size <= cachedMax)
        assert.ok(resolver.atHand(contextOf(at), 'identity', freshness) !== undefined)
      }
      assert.equal(resolver.atHand(contextOf(0), 'identity', freshness), undefined)
    }
    assert.ok(epochs.size <= 13 * 3 + 1, 'what no set relies on is forgotten')
  })
})

describe('a custom check', () => {
  const go = command('Gate.Go')
  const allowedWith = async (
    permission: Permission<void>,
    directory: Directory | undefined = held,
  ): Promise<unknown> => {
    const gate = domain('Gate', {
      permissions: { 'Gate.Go': permission },
      handlers: [handle(go, async () => undefined)],
      customPermissions: [{ name: 'Gate.Open' }],
    })
    await using app = await startApp(gate, { directory })
    const going = app.running.dispatch(go(), { context: ann })
    return await app.clock.finish(
      going.then(
        ({ ok }) => ok,
        (error: unknown) => (isGestaError(error) ? error.code : error),
      ),
    )
  }
  const asks =
    (name: string): Permission<void> =>
    (_, caller: Caller) =>
      caller.holds(name) ? undefined : deny('not held')

  test('may ask what the caller holds', async () => {
    assert.equal(await allowedWith(asks('Gate.Open')), true)
    assert.equal(await allowedWith(asks('Gate.Open'), plainDirectory({ tenants: {} })), 'permission_denied')
    assert.equal(await allowedWith((_, caller) => (caller.permission === 'Gate.Go' ? undefined : deny('other'))), true)
  })

  test('that asks for an unknown permission denies', async () => {
    assert.equal(await allowedWith(asks('Gate.Opne')), 'permission_denied')
    assert.equal(await allowedWith(anyOf(asks('Gate.Opne'))), 'permission_denied')
  })

  test("means the groups of its contract by 'authorized'", async () => {
    const nobody = plainDirectory({ tenants: {} })
    assert.equal(await allowedWith(anyOf('authorized', () => deny('no'))), true)
    assert.equal(await allowedWith(allOf('authorized', () => deny('no'))), 'permission_denied')
    assert.equal(
      await allowedWith(
        anyOf('authorized', () => deny('no')),
        nobody,
      ),
      'permission_denied',
    )
    assert.equal(
      await allowedWith(
        anyOf('authorized', () => undefined),
        nobody,
      ),
      true,
    )
    assert.equal(await allowedWith(allOf('authorized', () => undefined)), true)
  })

  test('is told that nobody knows when it asks and the directory fails, and needs none when it does not ask', async () => {
    const { session: _, ...rest } = held
    const broken: Directory = { ...rest, identity: () => Promise.reject(new Error('away')) }
    assert.equal(await allowedWith(asks('Gate.Open'), broken), 'permissions_unavailable')
    assert.equal(
      await allowedWith(
        anyOf('authorized', () => deny('no')),
        broken,
      ),
      'permissions_unavailable',
    )
    assert.equal(await allowedWith(() => undefined, broken), true)
  })
})

test('a denial is told apart from other errors, and its facts are typed', async () => {
  await using app = await startApp(workDomain())
  const error: unknown = await app.running.query(ask()).catch((cause: unknown) => cause)
  assert.ok(isPermissionDenied(error))
  const { contract, reason, anonymous }: { contract?: string; reason: string; anonymous: boolean } = error.facts
  assert.deepEqual([contract, reason, anonymous], ['Work.Ask', 'the caller is not authorized', true])
  assert.ok(!error.message.includes(reason))
  assert.equal(isPermissionDenied(new Error('x', { cause: error })), false)
})
