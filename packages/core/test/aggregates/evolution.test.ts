import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, isGestaError, projection, readModel } from '@gesta/core'
import { z } from 'zod'
import { appendBeside, wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

const PricedV1 = event('Item.Priced', z.object({ pounds: z.number() }))
const PricedV2 = PricedV1.revise(z.object({ pence: z.int() }), ({ pounds }) => ({ pence: Math.round(pounds * 100) }))
const Priced = PricedV2.revise(z.object({ pence: z.int(), currency: z.string() }), ({ pence }) => ({
  pence,
  currency: 'GBP',
}))
const Named = event('Item.Named', z.object({ name: z.string() }))
const price = command('Item.Price', {
  input: z.object({ itemId: z.string(), pence: z.int() }),
  result: z.array(z.string()),
})

/** An item that remembers everything that it was told. */
const Item = aggregate('Item', (): readonly string[] => [])
  .on(Priced, (told, { pence, currency }, { schemaVersion }) => [...told, `${pence} ${currency} v${schemaVersion}`])
  .on(Named, (told, { name }) => [...told, name])
const itemDomain = domain('Item', {
  permissions: 'anonymous',
  handlers: [
    Item.decide(price, 'itemId', (told, { pence }) => price.accept([Priced({ pence, currency: 'EUR' })], [...told])),
  ],
  readModels: [projection(Item)],
})

describe('an aggregate', () => {
  test('is folded in the order of its events', () => {
    const state = Item.fold([Named({ name: 'a' }), Priced({ pence: 1, currency: 'X' }), Named({ name: 'b' })])
    assert.deepEqual(state, ['a', '1 X v3', 'b'])
    assert.deepEqual(Item.fold([]), [])
  })

  test('gives its folds versions and ids that count, also of events that were never stored', () => {
    const seen: unknown[] = []
    const Seen = aggregate('Seen', () => 0).on(
      Named,
      (n, _, { version, aggregate: own, type }) => (seen.push([version, own.type, type]), n + 1),
    )
    Seen.fold([Named({ name: 'a' }), Named({ name: 'b' })])
    assert.deepEqual(seen, [
      [1, 'Seen', 'Item.Named'],
      [2, 'Seen', 'Item.Named'],
    ])
  })

  test('is not changed by a later .on(...): each gives a new definition', () => {
    const none = aggregate('Item', () => 0)
    none.on(Named, (n) => n + 1)
    assert.throws(() => none.fold([Named({ name: 'a' }) as never]), /has no \.on\(\.\.\.\) for the event Item\.Named/)
  })
})

describe('events of older schema versions', () => {
  test('are brought up step by step wherever they are read; new ones carry the newest version', async () => {
    await using app = await startApp(itemDomain)
    await appendBeside(app.store, 'Item/a', [
      { type: 'Item.Priced', data: { pounds: 1.5 } },
      { type: 'Item.Priced', data: { pence: 200 }, schemaVersion: 2 },
      { type: 'Item.Named', data: { name: 'x' } },
      { type: 'Item.Priced', data: { pence: 3, currency: 'USD' }, schemaVersion: 3 },
    ])
    const outcome = await app.running.dispatch(price({ itemId: 'a', pence: 4 }))
    assert.deepEqual(outcome.ok && outcome.result, ['150 GBP v3', '200 GBP v3', 'x', '3 USD v3'])
    const stored = await wholeLog(app.store)
    assert.deepEqual(
      stored.map(({ schemaVersion }) => schemaVersion),
      [1, 2, 1, 3, 3],
    )
    assert.equal(stored[0]?.data, '{"pounds":1.5}', 'what is stored stays as it was written')
    await app.clock.finish(app.running.caughtUp())
    const view = await app.readModels.open({ name: 'Item', modelVersion: 1, generation: 1 })
    assert.deepEqual(JSON.parse((await view.get({ tenant: '', key: 'a' })) ?? '').state, [
      '150 GBP v3',
      '200 GBP v3',
      'x',
      '3 USD v3',
      '4 EUR v3',
    ])
  })

  test('are numbered by the definition', () => {
    assert.deepEqual(
      [PricedV1, PricedV2, Priced].map(({ schemaVersion }) => schemaVersion),
      [1, 2, 3],
    )
  })
})

describe('an event that this app cannot read', () => {
  const unreadable: readonly [string, { type: string; data: unknown; schemaVersion?: number }, RegExp][] = [
    [
      'is of a newer schema version',
      { type: 'Item.Priced', data: {}, schemaVersion: 4 },
      /schema version 4, at position 1: this app knows the type up to version 3/,
    ],
    [
      'fails in a step that brings it up',
      { type: 'Item.Priced', data: null, schemaVersion: 1 },
      /schema version 1, at position 1: an upcast step failed/,
    ],
    [
      'is of a type that the aggregate does not fold',
      { type: 'Item.Gone', data: {} },
      /type Item\.Gone.*Add it back: stored events stay readable/,
    ],
  ]
  for (const [what, stored, message] of unreadable) {
    test(`fails the command with its id, type and version: it ${what}`, async () => {
      await using app = await startApp(itemDomain)
      await appendBeside(app.store, 'Item/a', [stored])
      await assert.rejects(app.running.dispatch(price({ itemId: 'a', pence: 1 })), (error: unknown) => {
        assert.ok(isGestaError(error, 'event_unreadable'))
        assert.match(error.message, message)
        const [first] = [error.facts]
        assert.match(String(first['eventId']), /^beside-\d+\.0$/)
        assert.deepEqual([first['type'], first['schemaVersion']], [stored.type, stored.schemaVersion ?? 1])
        return true
      })
      assert.equal(await app.store.head(), 1)
    })
  }

  test('stops the read models that come to it, and says why', async () => {
    await using app = await startApp(itemDomain)
    await appendBeside(app.store, 'Item/a', [{ type: 'Item.Priced', data: {}, schemaVersion: 4 }])
    await assert.rejects(app.clock.finish(app.running.caughtUp()), (error: unknown) => {
      assert.ok(isGestaError(error, 'read_model_failed'))
      assert.ok(isGestaError(error.cause, 'event_unreadable'))
      assert.match(error.message, /beside-\d+\.0 of type Item\.Priced, schema version 4, at position 1/)
      return true
    })
  })
})

describe('a definition that cannot be', () => {
  test('is refused: a second .on(...) for one event', () => {
    assert.throws(() => Item.on(Named, (told) => told), {
      message: 'The aggregate Item has a second .on(...) for Item.Named. Keep one.',
    })
  })

  test('is refused when the app starts: two revisions of one event', async () => {
    const Titled = Named.revise(z.object({ title: z.string() }), ({ name }) => ({ title: name }))
    const titles = readModel('Item.Titles', () => '').on(
      Titled,
      () => 'x',
      (_, { title }) => title,
    )
    const handler = Item.decide(price, 'itemId', () => price.accept([], []))
    const twoRevisions = domain('Item', { permissions: 'anonymous', handlers: [handler], readModels: [titles] })
    await assert.rejects(startApp(twoRevisions), {
      message: 'The app uses Item.Named in the schema versions 1 and 2. Use its last revision everywhere.',
    })
  })
})
