import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApp, cron, domain, handle, job, memory, processManager, readModel, subscriber } from '@gesta/core'
import type { OperationalEvent } from '@gesta/core'
import { hostOf } from '@gesta/core/host'
import { whenIdle } from '@gesta/core/testing'
import { z } from 'zod'
import { accountDomain, deposit, Deposited, get, open, Opened, writingDomain } from '../account-domain.ts'
import { startApp } from '../started-app.ts'

const opening = open({ accountId: 'a', owner: 'ann' })
const none = { context: {} }

/** Looks until something is so. */
async function lookUntil(
  running: { readonly operations: { look(): Promise<readonly OperationalEvent[]> } },
  isSo: (active: readonly OperationalEvent[]) => boolean,
): Promise<readonly OperationalEvent[]> {
  for (;;) {
    const active = await running.operations.look()
    if (isSo(active)) return active
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

describe('an app that is watched', () => {
  test('tells that a read model has failed, and that it is over when it follows again', async () => {
    const heard: OperationalEvent[] = []
    let isBroken = true
    const fragile = readModel('Account.Fragile', (row) => ({ row, deposits: 0 })).on(
      Deposited,
      (_, { id }) => id,
      (row) => {
        if (isBroken) throw new TypeError('secret words')
        return { ...row, deposits: row.deposits + 1 }
      },
    )
    const own = domain('Fragile', { handlers: [], permissions: {}, readModels: [fragile] })
    await using running = await createApp('test', { domains: [writingDomain, own] }).start({
      store: memory(),
      onOperation: (event) => heard.push(event),
    })
    await running.dispatch(opening, none)
    await running.dispatch(deposit({ accountId: 'a', pence: 5 }), none)
    await lookUntil(running, (active) => active.some(({ name }) => name === 'read_model_failed'))
    const [failed] = heard
    assert.deepEqual([failed?.severity, failed?.subject, failed?.endedAt], ['critical', 'Account.Fragile', undefined])
    assert.equal(failed?.facts['eventType'], 'Account.Deposited')
    assert.ok(!JSON.stringify(heard).includes('secret words'))
    isBroken = false
    await running.readModels.control('Account.Fragile').start()
    await lookUntil(running, (active) => active.length === 0)
    assert.equal(heard.filter(({ name }) => name === 'read_model_failed').length, 2)
    assert.equal(
      running.operations.list().find(({ name }) => name === 'read_model_failed')?.endedAt !== undefined,
      true,
    )
  })

  test('tells of the dead letters of a queue until they are discarded', async () => {
    const send = job('Mail.Send', { input: z.object({}), queue: 'mail', attemptsMax: 1 })
    const mail = domain('Mail', {
      handlers: [
        handle(send, async () => {
          throw new TypeError('no')
        }),
      ],
      permissions: {},
      roles: ['worker'],
    })
    await using running = await createApp('test', { domains: [mail] }).start({ store: memory() })
    await running.jobs.enqueue(send({}))
    await whenIdle(running)
    const [dead, ...others] = await running.operations.look()
    assert.deepEqual(others, [])
    assert.deepEqual([dead?.name, dead?.subject, dead?.facts], ['job_dead_letters', 'mail', { dead: 1 }])
    await running.jobs.change({ action: 'discard', which: {} })
    assert.deepEqual(await running.operations.look(), [])
  })

  test('tells of a cron that cannot fire, until it does', async () => {
    const make = job('Report.Make', { input: z.object({}) })
    let isBroken = true
    const nightly = cron('Report.Nightly', {
      schedule: '* * * * *',
      job: () => {
        if (isBroken) throw new TypeError('secret words')
        return make({})
      },
    })
    const own = domain('Report', { handlers: [handle(make, async () => undefined)], permissions: {}, crons: [nightly] })
    await using app = await startApp([own])
    await app.clock.advance(120_000)
    const [failing, ...others] = await app.running.operations.look()
    assert.deepEqual([failing?.name, failing?.subject, others], ['cron_failing', 'Report.Nightly', []])
    assert.match(String(failing?.facts['error']), /TypeError/)
    assert.doesNotMatch(String(failing?.facts['error']), /secret/)
    isBroken = false
    await app.clock.advance(600_000)
    assert.deepEqual(await app.running.operations.look(), [])
  })

  test('tells of events that process managers have parked, and of dead letters that they could not be told of', async () => {
    const send = job('Mail.Send', { input: z.object({}), attemptsMax: 1 })
    const broken = (): never => {
      throw new TypeError('no')
    }
    const mails = processManager('Account.Mails', () => ({}), { attemptsMax: 1, onFailure: 'park' })
      .on(
        Opened,
        (_, { aggregate: { id } }) => id,
        () => ({ send: [send({})] }),
      )
      .on(Deposited, (_, { aggregate: { id } }) => id, broken)
      .onFailed(send, broken)
    const own = domain('Mail', {
      handlers: [handle(send, broken)],
      permissions: {},
      processManagers: [mails],
      roles: ['any'],
    })
    await using app = await startApp([writingDomain, own])
    await app.running.dispatch(opening, none)
    // Another process: what has parked events waits for them.
    await app.running.dispatch(open({ accountId: 'b', owner: 'bob' }), none)
    await app.running.dispatch(deposit({ accountId: 'b', pence: 5 }), none)
    await app.clock.advance(10_000)
    const active = await app.running.operations.look()
    assert.deepEqual(active.map(({ name, subject }) => `${name} ${subject}`).toSorted(), [
      'job_dead_letters default',
      'process_parked ',
      'process_untold Account.Mails',
    ])
    const metrics = new Map((await app.running.operations.metrics()).map(({ name, samples }) => [name, samples]))
    const labels = { process_manager: 'Account.Mails' }
    assert.deepEqual(metrics.get('gesta_process_parked_total'), [{ labels, value: 1 }])
    assert.deepEqual(metrics.get('gesta_process_untold_letters'), [{ labels, value: 1 }])
  })

  test('looks by itself, in its own time, and stops with the app', async () => {
    const heard: OperationalEvent[] = []
    const stuck = subscriber('Account.Stuck').on(Deposited, async () => {
      throw new TypeError('no')
    })
    const own = domain('Stuck', { handlers: [], permissions: {}, subscribers: [stuck] })
    const app = await startApp([writingDomain, own], {
      onOperation: (event) => heard.push(event),
      operations: { everyMs: 1_000 },
    })
    await app.running.dispatch(opening, none)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 5 }), none)
    for (let seconds = 0; heard.length === 0 && seconds < 600; seconds += 1) await app.clock.advance(1_000)
    assert.match(heard[0]?.name ?? '', /^subscriber_(retrying|failed)$/)
    assert.equal(heard[0]?.subject, 'Account.Stuck')
    await app[Symbol.asyncDispose]()
    assert.equal(app.clock.timers, 0)
  })

  test('refuses options that there are not', async () => {
    const app = createApp('test', { domains: [writingDomain] })
    await assert.rejects(app.start({ store: memory(), operations: { every: 1 } as never }), /everyMs/)
    await assert.rejects(app.start({ store: memory(), operations: { everyMs: 1 } }), RangeError)
  })
})

describe('the metrics of an app', () => {
  test('count commands and queries by type and outcome, and hold the seconds that they took', async () => {
    await using running = await createApp('test', { domains: [accountDomain] }).start({ store: memory() })
    await running.dispatch(opening, none)
    await running.dispatch(opening, none)
    await assert.rejects(running.dispatch(deposit({ accountId: 'a', pence: -1 }), none))
    await assert.rejects(running.dispatch({ ...opening, type: 'Account.MadeUp' } as never, none))
    await running.caughtUp()
    await running.query(get({ accountId: 'a' }), none)
    const metrics = new Map((await hostOf(running).metrics()).map((metric) => [metric.name, metric]))
    const counted = metrics
      .get('gesta_commands_total')
      ?.samples.map(({ labels, value }) => [`${labels['type']} ${labels['outcome']}`, value])
    assert.deepEqual(Object.fromEntries(counted ?? []), {
      'Account.Open accepted': 1,
      'Account.Open rejected': 1,
      'Account.Deposit failed': 1,
      'unknown failed': 1,
    })
    assert.deepEqual(metrics.get('gesta_queries_total')?.samples, [
      { labels: { type: 'Account.Get', outcome: 'answered' }, value: 1 },
    ])
    const seconds = metrics.get('gesta_command_seconds_total')?.samples ?? []
    assert.ok(seconds.length === 3 && seconds.every(({ value }) => value > 0))
  })

  test('name no tenant, no aggregate and no id, and no name twice', async () => {
    await using running = await createApp('test', { domains: [accountDomain] }).start({ store: memory() })
    const context = { targetTenant: 'tenant-x', tenant: 'tenant-x' }
    await running.dispatch(open({ accountId: 'account-x', owner: 'owner-x' }), { context, commandId: 'command-x' })
    await running.caughtUp()
    const metrics = await running.operations.metrics()
    assert.doesNotMatch(JSON.stringify(metrics), /-x"/)
    const names = metrics.map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const { name, kind, samples } of metrics) {
      assert.match(name, /^gesta_[a-z_]+$/)
      assert.equal(name.endsWith('_total'), kind === 'counter', name)
      const series = samples.map(({ labels }) => JSON.stringify(labels))
      assert.equal(new Set(series).size, series.length, `Two samples of ${name} have the same labels.`)
      assert.ok(samples.every(({ value }) => Number.isFinite(value)))
    }
  })

  test('leave what lies in the store to processes that work it off', async () => {
    await using running = await createApp('test', { domains: [accountDomain] }).start({ store: memory(), role: 'web' })
    const samples = new Map((await running.operations.metrics()).map(({ name, samples: own }) => [name, own]))
    assert.deepEqual([samples.get('gesta_outbox_dead_messages'), samples.get('gesta_jobs')], [[], []])
    assert.equal(samples.get('gesta_read_model_lag_events')?.length, 2)
  })
})
