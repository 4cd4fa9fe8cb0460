import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, event, handle, QueriesInvalidated, query, SubjectErased } from '@gesta/core'
import type { AnyDomain, QueriesInvalidatedData, StartOptions } from '@gesta/core'
import { createFanout } from '@gesta/core/registry'
import type { Envelope } from '@gesta/core/registry'
import { z } from 'zod'
import {
  announce,
  accounts,
  Announced,
  deposit,
  Deposited,
  makeAnnouncement,
  makeDeposit,
  makeTransfer,
  makeWithdrawal,
  open,
  openAccount,
  Opened,
  remind,
  Shown,
  transfer,
  withdraw,
  Withdrawn,
} from '../account-domain.ts'
import { memoryWriter } from '../delivery/memory-clients.ts'
import { settled } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'

const balance = query('Account.Balance', {
  input: z.object({ accountId: z.string() }),
  result: z.int(),
})
const owners = query('Account.Owners', { result: z.array(z.string()) })
const count = query('Stats.Count', { result: z.int() })
const answerBalance = handle(
  balance,
  async ({ accountId }, { read }) => (await read(accounts).get(accountId))?.state.balance ?? 0,
)

const bank = [
  domain('Account', {
    permissions: 'anonymous',
    handlers: [
      openAccount,
      makeDeposit,
      makeWithdrawal,
      makeTransfer,
      makeAnnouncement,
      handle(remind, async () => undefined),
      answerBalance,
      handle(owners, async () => []),
    ],
    readModels: [accounts],
    emits: [Announced, Shown],
    invalidates: [
      [Deposited, [balance]],
      [Withdrawn, [balance]],
      [Opened, [owners, balance]],
      [SubjectErased, [owners]],
    ],
  }),
  domain('Stats', {
    permissions: 'anonymous',
    handlers: [handle(count, async () => 0)],
    invalidates: [[Deposited, [count]]],
  }),
]

/** An app whose fanout is written down, batch by batch. */
async function showing(domains: readonly AnyDomain[] = bank, options: Omit<StartOptions, 'store'> = {}) {
  const batches: (readonly Envelope[])[] = []
  const fanout = { sendPresentationEvents: async (events: readonly Envelope[]) => void batches.push(events) }
  const app = await startApp(domains, { fanout, ...options })
  return { app, batches, notices: () => batches.flat().filter(({ type }) => type === QueriesInvalidated.type) }
}
const dataOf = (notice: Envelope | undefined) => notice?.value as QueriesInvalidatedData | undefined

describe('a commit whose events invalidate queries', () => {
  test('is followed by a notice that names queries, events and ids, each query once, and nothing else', async () => {
    const { app, notices } = await showing()
    await app.running.dispatch(deposit({ accountId: 'a', pence: 10 }))
    const { commandId, token } = await app.running.dispatch(transfer({ from: 'a', to: 'b', pence: 3 }))
    await settled()
    const notice = notices()[1]
    assert.deepEqual(notice, {
      id: notice?.id,
      category: 'presentation',
      type: 'Gesta.QueriesInvalidated',
      schemaVersion: 1,
      value: {
        version: 1,
        queries: ['Account.Balance', 'Stats.Count'],
        events: ['Account.Deposited', 'Account.Withdrawn'],
        eventIds: [`${commandId}.0`, `${commandId}.1`],
        token,
      },
    })
    const after = dataOf(notice)?.token
    assert.equal(await app.running.query(balance({ accountId: 'a' }), { after }), 7)
    await app[Symbol.asyncDispose]()
  })

  test('sends one notice, in one batch behind what the command shows', async () => {
    const { app, batches } = await showing()
    const outcome = await app.running.dispatch(announce({ accountId: 'a', text: 'hello' }))
    await settled()
    assert.deepEqual(
      batches.map((batch) => batch.map(({ type }) => type)),
      [['Account.Shown', 'Gesta.QueriesInvalidated']],
    )
    await app.running.dispatch(announce({ accountId: 'a', text: 'hello' }), { commandId: outcome.commandId })
    await settled()
    assert.equal(batches.length, 1)
    await app[Symbol.asyncDispose]()
  })

  test('tells the tenant whose data it is, and the trace of the command', async () => {
    const { app, notices } = await showing()
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const context = { tenant: 't-1', targetTenant: 't-2', traceparent }
    await app.running.dispatch(open({ accountId: 'a', owner: 'Ann' }), { context })
    await settled()
    assert.deepEqual([notices()[0]?.tenant, notices()[0]?.traceparent], ['t-2', traceparent])
    assert.deepEqual(dataOf(notices()[0])?.queries, ['Account.Balance', 'Account.Owners'])
    await app[Symbol.asyncDispose]()
  })

  test('reaches browsers of its tenant, and nobody else', async () => {
    await using hub = createFanout()
    const writers = ['t-1', 't-2', undefined].map((tenant) => {
      const writer = memoryWriter()
      hub.connect({ tenant }).open(writer)
      return writer
    })
    const { app } = await showing(bank, { fanout: hub })
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }), { context: { tenant: 't-1' } })
    await settled()
    const heard = writers.map(({ text }) => text.includes('event: Gesta.QueriesInvalidated'))
    assert.deepEqual(heard, [true, false, false])
    await app[Symbol.asyncDispose]()
  })

  test('is the commit of an erasure too', async () => {
    const secret = 'a secret of thirty-two characters or more'
    const { app, notices } = await showing(bank, { encryption: { secrets: [{ id: 's', secret }] } })
    const { token } = await app.running.erase({ tenant: 't-1', subject: 'ann', reason: 'asked' })
    await settled()
    assert.equal(notices()[0]?.tenant, 't-1')
    assert.deepEqual(dataOf(notices()[0])?.queries, ['Account.Owners'])
    assert.deepEqual(dataOf(notices()[0])?.events, ['Gesta.SubjectErased'])
    assert.equal(dataOf(notices()[0])?.token, token)
    await app[Symbol.asyncDispose]()
  })

  test('stands, whatever the fanout does', async () => {
    const failures = [
      () => Promise.reject(new Error('away')),
      () => {
        throw new Error('broken')
      },
      () => new Promise<void>(() => undefined),
    ]
    for (const sendPresentationEvents of failures) {
      const { app } = await showing(bank, { fanout: { sendPresentationEvents } })
      assert.equal((await app.running.dispatch(deposit({ accountId: 'a', pence: 10 }))).ok, true)
      await app[Symbol.asyncDispose]()
    }
  })

  test('is observed as it is sent', async () => {
    const observed: unknown[] = []
    const { app } = await showing(bank, {
      observe: ({ name, labels }) => {
        if (name === 'gesta.contract.presentation.send') observed.push(labels.contract)
      },
    })
    await app.running.dispatch(deposit({ accountId: 'a', pence: 10 }))
    assert.deepEqual(observed, ['Gesta.QueriesInvalidated'])
    await app[Symbol.asyncDispose]()
  })

  test('names a thousand events at most, and all of their queries', async () => {
    const Happened = event('Stats.Happened', z.object({}))
    const { aggregate, command } = await import('@gesta/core')
    const happen = command('Stats.Happen', {})
    const Many = aggregate('Stats', () => 0)
      .on(Happened, () => 0)
      .on(Withdrawn, () => 0)
    const { app, notices } = await showing([
      domain('Stats', {
        permissions: 'anonymous',
        handlers: [
          handle(count, async () => 0),
          Many.decide(
            happen,
            () => 'x',
            () => [...Array.from({ length: 1_200 }, () => Happened({})), Withdrawn({ pence: 1 })],
          ),
        ],
        invalidates: [
          [Happened, []],
          [Withdrawn, [count]],
        ],
      }),
    ])
    await app.running.dispatch(happen())
    await settled()
    assert.equal(dataOf(notices()[0])?.eventIds.length, 1_000)
    assert.deepEqual(dataOf(notices()[0])?.queries, ['Stats.Count'])
    await app[Symbol.asyncDispose]()
  })
})

describe('no notice is sent', () => {
  test('of a command that is rejected, that fails, or that decides nothing', async () => {
    const { app, batches } = await showing()
    await app.running.dispatch(withdraw({ accountId: 'a', pence: 1 }))
    await assert.rejects(app.running.dispatch(deposit({ accountId: 'a', pence: -1 })))
    await settled()
    assert.deepEqual(batches, [])
    await app[Symbol.asyncDispose]()
  })

  test('of events that nobody declares', async () => {
    const quiet = [
      domain('Account', { permissions: 'anonymous', handlers: [makeDeposit, answerBalance], readModels: [accounts] }),
    ]
    const { app, batches } = await showing(quiet)
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await settled()
    assert.deepEqual(batches, [])
    await app[Symbol.asyncDispose]()
  })
})

describe('a declaration is refused at set-up', () => {
  test('for a query that the domain does not answer', () => {
    assert.throws(
      () =>
        domain('Account', {
          permissions: 'anonymous',
          handlers: [makeDeposit],
          invalidates: [[Deposited, [balance]]],
        }),
      /Account\.Deposited invalidates Account\.Balance, which is no query that it handles/,
    )
  })

  test('for an event that is no domain event', () => {
    assert.throws(
      () =>
        domain('Account', {
          permissions: 'anonymous',
          handlers: [answerBalance],
          readModels: [accounts],
          invalidates: [[Shown as never, [balance]]],
        }),
      /lists Account\.Shown in invalidates, but it is no domain event/,
    )
  })
})
