import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allOf, anyOf, command, deny, domain, handle, isGestaError, query } from '@gesta/core'
import type { Caller, Permission } from '@gesta/core'
import { z } from 'zod'
import { startApp } from '../started-app.ts'

const go = command('Gate.Go', { input: z.object({ id: z.string().default('none') }) })
type Input = { readonly id: string }
let ran = 0
const gateDomain = (permission: Permission<Input>) =>
  domain('Gate', { permissions: { 'Gate.Go': permission }, handlers: [handle(go, async () => void ran++)] })

async function allowed(permission: Permission<Input>, context = {}): Promise<boolean> {
  await using app = await startApp(gateDomain(permission))
  const before = ran
  try {
    await app.clock.finish(app.running.dispatch(go({}), { context }))
    assert.equal(ran, before + 1)
    return true
  } catch (error) {
    assert.ok(isGestaError(error, 'permission_denied'), String(error))
    assert.equal(ran, before)
    return false
  }
}
async function reasonOf(permission: Permission<Input>): Promise<unknown> {
  await using app = await startApp(gateDomain(permission))
  const error = await app.clock.finish(
    app.running.dispatch(go({})).then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  )
  return isGestaError(error) ? error.facts['reason'] : undefined
}
const no = (): ReturnType<typeof deny> => deny('no')
const yes = (): undefined => undefined
const fail = (): never => {
  throw new Error('broken')
}
const never = (): Promise<undefined> => new Promise(() => undefined)

describe('a custom check', () => {
  test('allows with no result and denies with deny(...), at once or later', async () => {
    assert.equal(await allowed(yes), true)
    assert.equal(await allowed(async () => undefined), true)
    assert.equal(await allowed(no), false)
    assert.equal(await allowed(async () => deny('no')), false)
    assert.equal(await reasonOf(() => deny('the shop is closed')), 'the shop is closed')
  })

  test('denies when it throws, rejects or does not answer in time', async () => {
    assert.equal(await allowed(fail), false)
    assert.equal(await allowed(async () => fail()), false)
    assert.equal(await allowed(never), false)
    assert.equal(await reasonOf(never), 'its check failed or did not answer in time')
  })

  test('is ended after five seconds, or at the deadline when that is earlier, and its signal aborts', async () => {
    const ended: number[] = []
    let begun = 0
    const waiting = (_: Input, { signal }: Caller): Promise<undefined> =>
      new Promise(() => signal.addEventListener('abort', () => ended.push((app.clock.nowUs() - begun) / 1000)))
    await using app = await startApp(gateDomain(waiting))
    for (const deadlineMs of [undefined, 100]) {
      begun = app.clock.nowUs()
      const denied = app.running.dispatch(go({}), { deadlineMs })
      await assert.rejects(app.clock.finish(denied), { code: 'permission_denied' })
    }
    assert.deepEqual(ended, [5_000, 100])
  })

  test('replaces the level: it gets the parsed input and the caller', async () => {
    const seen: unknown[] = []
    const look = (input: Input, caller: Caller): undefined =>
      void seen.push(input, caller.account, caller.holds('Gate.Go'), caller.signal.aborted)
    assert.equal(await allowed(look, { account: 'a' }), true)
    assert.deepEqual(seen, [{ id: 'none' }, 'a', false, false])
  })

  test('that answers anything but nothing denies, whatever the types were told', async () => {
    for (const answer of [false, true, null, 0, '', {}]) {
      assert.equal(await allowed((() => answer) as never), false, JSON.stringify(answer))
      assert.equal(await allowed(anyOf((() => answer) as never)), false, JSON.stringify(answer))
      assert.equal(await allowed(allOf((() => answer) as never)), false, JSON.stringify(answer))
    }
  })

  test('is asked for every call anew', async () => {
    let closed = false
    await using app = await startApp(gateDomain(() => (closed ? deny('now closed') : undefined)))
    assert.ok((await app.running.dispatch(go({}))).ok)
    closed = true
    await assert.rejects(app.running.dispatch(go({})), { code: 'permission_denied' })
  })

  test('of a query that a handler asks is asked too', async () => {
    const inner = query('Gate.Inner', { result: z.string() })
    const outer = query('Gate.Outer', { result: z.string() })
    const queries = domain('Gate', {
      permissions: { 'Gate.Inner': no, 'Gate.Outer': 'anonymous' },
      handlers: [handle(inner, async () => 'secret'), handle(outer, async (_, context) => context.query(inner()))],
    })
    await using app = await startApp(queries)
    await assert.rejects(app.running.query(outer()), {
      code: 'permission_denied',
      facts: { contract: 'Gate.Inner', reason: 'no', anonymous: true },
    })
  })
})

describe('permissions made of permissions', () => {
  test('anyOf allows when one does', async () => {
    assert.equal(await allowed(anyOf('authorized', no, yes)), true)
    assert.equal(await allowed(anyOf<Input>('anonymous', fail)), true)
    assert.equal(await allowed(anyOf<Input>(fail, 'anonymous')), true)
    assert.equal(await allowed(anyOf<Input>('authenticated', no), { account: 'a', session: 's' }), true)
    assert.equal(await allowed(anyOf(anyOf(no), allOf(yes, yes))), true)
  })

  test('anyOf denies with the last denial when none does, and when there is none', async () => {
    assert.equal(
      await reasonOf(
        anyOf<Input>(
          'authorized',
          () => deny('first'),
          () => deny('last'),
        ),
      ),
      'last',
    )
    assert.equal(await reasonOf(anyOf<Input>(no, 'authorized')), 'the caller is not authorized')
    assert.equal(await reasonOf(anyOf()), 'no permission is listed')
    assert.equal(await allowed(anyOf<Input>(never, yes)), false, 'a check that hangs never lets another one decide')
  })

  test('allOf allows when all do', async () => {
    assert.equal(await allowed(allOf<Input>('anonymous', yes, async () => undefined)), true)
  })

  test('allOf denies with the first denial, and when there is none', async () => {
    assert.equal(
      await reasonOf(
        allOf<Input>(
          yes,
          () => deny('first'),
          () => deny('last'),
        ),
      ),
      'first',
    )
    assert.equal(await reasonOf(allOf<Input>(yes, fail)), 'the check failed')
    assert.equal(await reasonOf(allOf()), 'no permission is listed')
    assert.equal(await allowed(allOf<Input>('authorized', yes)), false)
  })
})
