// Definitions of read models: what they take, in which order, what they tell of themselves, and what is refused at set-up.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { domain, event, handle, query, readModel } from '@gesta/core'
import type { ReadModelOptions } from '@gesta/core'
import { z } from 'zod'
import { deletedEventType } from '../../src/stores/event/event-store.ts'
import {
  deposit,
  Deposited,
  makeDeposit,
  makeWithdrawal,
  open,
  openAccount,
  Opened,
  Withdrawn,
} from '../account-domain.ts'
import { appendBeside } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

const row = (): readonly string[] => []
const said = query('Account.Said', { input: z.object({ key: z.string() }), result: z.array(z.string()) })
const saying = (model: ReturnType<typeof withAny>) =>
  domain('Account', {
    permissions: 'anonymous',
    handlers: [
      makeDeposit,
      makeWithdrawal,
      openAccount,
      handle(said, async ({ key }, { read }) => [...((await read(model).get(key)) ?? [])]),
    ],
    readModels: [model],
  })
/** Registered in the middle, the catch-all still runs last. */
const withAny = () =>
  readModel('Account.Said', row)
    .on(
      Deposited,
      () => 'x',
      (list, { pence }) => [...list, `first ${pence}`],
    )
    .onAny(
      (_, { type }) => (type === Opened.type ? [] : 'x'),
      (list, _, { type }) => [...list, `any ${type}`],
    )
    .on(
      Deposited,
      () => 'x',
      (list, { pence }) => [...list, `second ${pence}`],
    )
    .onAny(
      () => 'count',
      (list) => [...list, '+'],
    )

describe('handlers of one event', () => {
  test('run in the order of their registration, and those of every event last', async () => {
    await using app = await startApp(saying(withAny()))
    await app.running.dispatch(open({ accountId: 'a', owner: 'o' }))
    const { token: after } = await app.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
    const ask = (key: string) => app.clock.finish(app.running.query(said({ key }), { after }))
    assert.deepEqual(await ask('x'), ['first 3', 'second 3', 'any Account.Deposited'])
    assert.deepEqual(await ask('count'), ['+', '+'])
  })

  test('are told by the read model, which tells the types that it names once each', () => {
    const model = withAny().on(
      Withdrawn,
      () => 'x',
      (list) => list,
    )
    assert.deepEqual(model.domainEvents(), [Deposited.type, Withdrawn.type])
    assert.equal(model.handlersFor(Deposited).length, 4)
    assert.equal(model.handlersFor(Withdrawn.type).length, 3)
    assert.equal(model.handlersFor('Elsewhere.Happened').length, 2)
    assert.equal(readModel('Account.None', row).handlersFor(Deposited).length, 0)
  })
})

describe('a handler of every event', () => {
  test('is given events of other domains, and no deleted ones', async () => {
    await using app = await startApp(saying(withAny()))
    await appendBeside(app.store, 'Elsewhere/e', [{ type: deletedEventType, data: null }])
    const { token: after } = await app.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
    assert.deepEqual(await app.clock.finish(app.running.query(said({ key: 'count' }), { after })), ['+'])
  })
})

describe('at set-up', () => {
  test('options that make no sense are refused with what was expected', () => {
    const refused: readonly (readonly [ReadModelOptions, RegExp])[] = [
      [
        { modelVersion: 0 },
        /Expected modelVersion of the read model Account\.X to be a whole number from 1, received 0/,
      ],
      [{ modelVersion: 1.5 }, /received 1\.5/],
      [
        { onFailure: 'skip' as 'stop' },
        /Expected onFailure of the read model Account\.X to be "stop" or "park", received "skip"/,
      ],
      [{ onFailure: 'park' }, /so it needs partitionBy/],
      [{ parkedMax: 0 }, /parkedMax of the read model Account\.X/],
      [{ parkedMax: 10_001 }, /parkedMax/],
      [{ attemptsMax: 0 }, /attemptsMax of the read model Account\.X/],
      [{ module: 'file:///x.js' }, /so it needs partitionBy/],
      [
        { tables: { names: ['By Day'], create: () => [] } },
        /Expected a table of the read model Account\.X to be named like "by_day"/,
      ],
      [{ modelVersions: 2 } as ReadModelOptions, /modelVersion/],
    ]
    for (const [options, message] of refused) assert.throws(() => readModel('Account.X', row, options), message)
  })

  test('SQL of its own is refused without tables, and tables without SQL', async () => {
    assert.throws(
      () => readModel('Account.X', row).write(Deposited, () => undefined),
      /The read model Account\.X has no tables for \.write\(Account\.Deposited/,
    )
    const model = readModel('Account.Said', row, { tables: { names: ['days'], create: () => [] } })
    await assert.rejects(startApp(saying(model)), /The read model Account\.Said has tables of its own.*without SQL/)
  })
})

describe('what is called before a view is built', () => {
  test('is called for a first build, for a new version and for a restore from zero, and not for a restart', async () => {
    const called: unknown[] = []
    const model = (modelVersion: number) =>
      readModel('Account.Said', row, { modelVersion, onRestore: (restoring) => void called.push(restoring) }).on(
        Deposited,
        () => 'x',
        (list, { pence }) => [...list, `${called.length} ${pence}`],
      )
    const app = await startApp(saying(model(1)))
    const { token: after } = await app.running.dispatch(deposit({ accountId: 'a', pence: 3 }))
    assert.deepEqual(await app.clock.finish(app.running.query(said({ key: 'x' }), { after })), ['1 3'])
    await app[Symbol.asyncDispose]()
    const again = await startApp(saying(model(1)), { beside: app })
    await again.clock.finish(again.running.caughtUp())
    assert.equal(called.length, 1)
    const { done, generation } = await again.running.readModels.control('Account.Said').restore({ fromZero: true })
    await again.clock.finish(done)
    assert.deepEqual(await again.running.query(said({ key: 'x' })), ['2 3'])
    await again[Symbol.asyncDispose]()
    const newer = await startApp(saying(model(2)), { beside: app })
    await newer.clock.finish(newer.running.caughtUp())
    const names = { readModel: 'Account.Said' }
    assert.deepEqual(called, [
      { ...names, modelVersion: 1, generation: 1 },
      { ...names, modelVersion: 1, generation },
      { ...names, modelVersion: 2, generation: 1 },
    ])
    await newer[Symbol.asyncDispose]()
  })

  test('keeps nothing from being followed when it fails, and is called again', async () => {
    let failing = false
    const model = readModel('Account.Said', row, {
      onRestore: () => {
        if (failing) throw new Error('no reset')
      },
    }).on(
      Deposited,
      () => 'x',
      (list, { pence }) => [...list, `${pence}`],
    )
    const app = await startApp(saying(model))
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await app.clock.finish(app.running.caughtUp())
    failing = true
    await app.running.readModels.control('Account.Said').restore({ fromZero: true })
    await app.clock.advance(1_000)
    await app[Symbol.asyncDispose]()
    await using again = await startApp(saying(model), { beside: app })
    const { token: after } = await again.running.dispatch(deposit({ accountId: 'a', pence: 2 }))
    assert.deepEqual(await again.clock.finish(again.running.query(said({ key: 'x' }), { after })), ['1', '2'])
    failing = false
    const control = again.running.readModels.control('Account.Said')
    const before = control.status().generation ?? 0
    await again.clock.advance(5_000)
    assert.ok((control.status().generation ?? 0) > before)
    assert.equal(control.status().state, 'live')
  })
})

/** Never run: what the compiler refuses. */
export function refusedByTheCompiler(): void {
  const Other = event('Other.Happened', z.object({ text: z.string() }))
  const model = readModel('Account.X', (): { readonly sum: number } => ({ sum: 0 }))
  const key = () => 'x'
  const same = <Row>(sums: Row): Row => sums
  // @ts-expect-error a row of another shape
  model.on(Deposited, key, () => ({ total: 1 }))
  // @ts-expect-error a field that the event does not have
  model.on(Other, ({ pence }) => pence, same)
  // @ts-expect-error a key that is no text
  model.on(Deposited, ({ pence }) => pence, same)
  // @ts-expect-error nothing is known of the data of every event
  model.onAny((data) => data.text, same)
  // @ts-expect-error rows are JSON
  readModel('Account.X', () => ({ at: new Date() }))
  // @ts-expect-error an option that there is not
  readModel('Account.X', row, { onError: 'stop' })
}
