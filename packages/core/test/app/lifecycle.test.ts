import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApp, domain, handle, isGestaError, memory, query } from '@gesta/core'
import { z } from 'zod'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { hostOf } from '../../src/app/running.ts'
import { start } from '../../src/app/start.ts'
import type { Backend } from '../../src/stores/backend.ts'
import { accountDomain, deposit, get, open, writingDomain } from '../account-domain.ts'
import { createFakeClock, fakeRuntime, settled } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'

/** A backend that tells whether it is open, and may hold its opening. */
function watched(opening: Promise<void> = Promise.resolve()): {
  readonly backend: Backend
  readonly state: { open: boolean }
} {
  const state = { open: false }
  return {
    state,
    backend: {
      backend: 'watched',
      open: async (runtime) => {
        await opening
        const opened = await memory().open(runtime)
        state.open = true
        return {
          ...opened,
          [Symbol.asyncDispose]: async () => {
            state.open = false
            await opened[Symbol.asyncDispose]()
          },
        }
      },
    },
  }
}

describe('an app', () => {
  test('runs as in the first example', async () => {
    const app = createApp('bank', { domains: [accountDomain] })
    assert.deepEqual([app.name, app.domains], ['bank', [accountDomain]])
    await using running = await app.start()
    const opened = await running.dispatch(open({ accountId: 'a', owner: 'Ada' }))
    assert.deepEqual(await running.query(get({ accountId: 'a' }), { after: opened.token }), { balance: 0, version: 1 })
  })

  test('can be started twice, on stores of their own', async () => {
    const app = createApp('bank', { domains: [writingDomain] })
    await using one = await app.start()
    await using two = await app.start()
    assert.equal((await one.dispatch(deposit({ accountId: 'a', pence: 1 }))).version, 1)
    assert.equal((await two.dispatch(deposit({ accountId: 'a', pence: 1 }))).version, 1)
  })

  test('tells its observer what runs, and for which role', async () => {
    const observed: unknown[] = []
    await using app = await startApp(accountDomain, {
      observe: ({ name, labels }) => observed.push([name, labels.contract, labels.role]),
    })
    observed.length = 0
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await app.running.query(get({ accountId: 'a' }))
    assert.deepEqual(observed, [
      ['gesta.contract.execute.command', 'Account.Deposit', undefined],
      ['gesta.contract.execute.query', 'Account.Get', undefined],
    ])
  })

  test('is told to transports as a host: contracts with roles and permissions', async () => {
    const own = query('Host.Own', { result: z.int() })
    const hostDomain = domain('Host', {
      roles: ['api'],
      permissions: { 'Host.Own': () => undefined },
      handlers: [handle(own, async () => 1)],
    })
    await using app = await startApp([hostDomain, writingDomain])
    const host = hostOf(app.running)
    assert.deepEqual([host.name, host.state, host.incarnation], ['test', 'live', app.store.identity.incarnation])
    const exposed = host.contracts.map(({ domain: of, contract, roles, permission, versioned }) => [
      of,
      contract.type,
      roles,
      permission,
      versioned,
    ])
    assert.deepEqual(exposed[0], ['Host', 'Host.Own', ['api'], 'custom', false])
    assert.deepEqual(
      exposed.find(([, type]) => type === 'Account.Deposit'),
      ['Account', 'Account.Deposit', [], 'anonymous', true],
    )
    assert.deepEqual(
      exposed.find(([, type]) => type === 'Account.Transfer'),
      ['Account', 'Account.Transfer', [], 'anonymous', false],
    )
    assert.equal(
      exposed.some(([, type]) => type === 'Account.Remind'),
      false,
      'a job is nothing that a caller may run',
    )
    assert.throws(() => hostOf({}), { message: 'Expected a started app, as createApp(...).start() resolves to.' })
  })
})

describe('stopping', () => {
  test('waits for what is in flight, takes nothing more, and closes the store last', async () => {
    const clock = createFakeClock()
    const { backend, state } = watched()
    const { promise: passed, resolve: letGo } = Promise.withResolvers<void>()
    const slow = query('Slow.Ask', { result: z.int() })
    const slowDomain = domain('Slow', {
      permissions: 'anonymous',
      handlers: [handle(slow, async () => (await passed, 1))],
    })
    const running = await start<string, string>(
      'bank',
      catalogueOf([slowDomain, accountDomain]),
      { store: backend },
      fakeRuntime(clock),
    )
    const inFlight = running.query(slow())
    await settled()
    const stopped = running[Symbol.asyncDispose]()
    assert.equal(hostOf(running).state, 'stopping')
    await assert.rejects(running.dispatch(deposit({ accountId: 'a', pence: 1 })), {
      code: 'app_stopped',
      message: /The app bank is stopping/,
    })
    await assert.rejects(running.query(slow()), { code: 'app_stopped' })
    await settled()
    assert.equal(state.open, true)
    letGo()
    assert.equal(await inFlight, 1)
    await stopped
    assert.equal(state.open, false)
    assert.equal(clock.timers, 0)
  })

  test('twice is stopping once', async () => {
    const app = await startApp(accountDomain)
    await Promise.all([app[Symbol.asyncDispose](), app[Symbol.asyncDispose]()])
    await app[Symbol.asyncDispose]()
  })

  test('goes by the signal that the app was started with', async () => {
    const controller = new AbortController()
    const app = await startApp(accountDomain, { signal: controller.signal })
    assert.ok((await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))).ok)
    controller.abort()
    await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: 1 })), { code: 'app_stopped' })
    await app[Symbol.asyncDispose]()
  })

  test('goes on while a read model fails again and again', async () => {
    const { readModel } = await import('@gesta/core')
    const { Deposited, makeDeposit } = await import('../account-domain.ts')
    const broken = readModel('Account.Broken', () => 0).on(
      Deposited,
      () => 'x',
      () => {
        throw new Error('no')
      },
    )
    const app = await startApp(
      domain('Account', { permissions: 'anonymous', handlers: [makeDeposit], readModels: [broken] }),
    )
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await settled()
    await app[Symbol.asyncDispose]()
  })
})

describe('an app that cannot start', () => {
  test('rejects with the reason of a signal that has aborted, and opens nothing', async () => {
    const { backend, state } = watched()
    const reason = new Error('not now')
    await assert.rejects(
      createApp('bank', { domains: [accountDomain] }).start({ store: backend, signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    )
    assert.equal(state.open, false)
  })

  test('rejects with the reason of a signal that aborts while it starts, and closes what it opened', async () => {
    const { promise: opening, resolve: letGo } = Promise.withResolvers<void>()
    const { backend, state } = watched(opening)
    const controller = new AbortController()
    const reason = new Error('not now')
    const refused = assert.rejects(
      createApp('bank', { domains: [accountDomain] }).start({ store: backend, signal: controller.signal }),
      (error) => error === reason,
    )
    controller.abort(reason)
    letGo()
    await refused
    assert.equal(state.open, false)
  })

  test('closes the store that it opened when what follows fails', async () => {
    const { backend, state } = watched()
    const failing: Backend = {
      backend: 'failing',
      open: async (runtime) => {
        const opened = await backend.open(runtime)
        return { ...opened, readModels: { ...opened.readModels, open: () => Promise.reject(new Error('no view')) } }
      },
    }
    await assert.rejects(createApp('bank', { domains: [accountDomain] }).start({ store: failing }), {
      message: 'no view',
    })
    assert.equal(state.open, false)
  })

  test('rejects with what the store says', async () => {
    const { GestaError } = await import('@gesta/core')
    const locked: Backend = {
      backend: 'locked',
      open: () => Promise.reject(new GestaError('store_locked', 'another process')),
    }
    await assert.rejects(createApp('bank', { domains: [accountDomain] }).start({ store: locked }), (error) =>
      isGestaError(error, 'store_locked'),
    )
  })

  test('refuses an option that it does not have', async () => {
    const app = createApp('bank', { domains: [accountDomain] })
    await assert.rejects(app.start({ rol: 'web' } as never), {
      message: 'start() of the app bank has no option "rol". Did you mean "role"?',
    })
  })
})
