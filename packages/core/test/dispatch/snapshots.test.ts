import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event } from '@gesta/core'
import type { AnyDomain } from '@gesta/core'
import { z } from 'zod'
import { appendBeside } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'

const tick = command('Clock.Tick', { input: z.object({ clockId: z.string() }), result: z.object({ ticks: z.int() }) })
const Ticked = event('Clock.Ticked', z.object({}))
const key = { tenant: '', aggregateType: 'Clock', aggregateId: 'a' }

/** A domain whose aggregate keeps a snapshot every three events, and tells which versions were folded. */
function ticking(stateVersion = 1, step = 1): { readonly clocks: AnyDomain; readonly folded: number[] } {
  const folded: number[] = []
  const Clock = aggregate('Clock', () => ({ ticks: 0 }), { snapshotEvery: 3, stateVersion }).on(
    Ticked,
    ({ ticks }, _, { version }) => {
      folded.push(version)
      return { ticks: ticks + step }
    },
  )
  const decide = Clock.decide(tick, 'clockId', ({ ticks }) => tick.accept([Ticked({})], { ticks: ticks + step }))
  return { clocks: domain('Clock', { permissions: 'anonymous', handlers: [decide] }), folded }
}

/** An app that has seen `count` ticks and stopped; its store lives on. */
async function ticked(count: number): Promise<StartedApp> {
  const app = await startApp(ticking().clocks)
  for (let made = 0; made < count; made++) await app.running.dispatch(tick({ clockId: 'a' }))
  await app[Symbol.asyncDispose]()
  return app
}
const ticksOf = async (app: StartedApp): Promise<unknown> => {
  const outcome = await app.running.dispatch(tick({ clockId: 'a' }))
  return outcome.ok && outcome.result.ticks
}

describe('a snapshot', () => {
  test('is kept each time that enough events came, and shortens the next cold load', async () => {
    const app = await ticked(7)
    const { clocks, folded } = ticking()
    await using again = await startApp(clocks, { beside: app })
    assert.equal(await ticksOf(again), 8)
    assert.deepEqual(folded, [7, 8])
  })

  test('is kept after a cold load of many events too', async () => {
    const app = await startApp(ticking().clocks)
    const many = Array.from({ length: 10 }, () => ({ type: 'Clock.Ticked', data: {} }))
    await appendBeside(app.store, 'Clock/a', many)
    assert.equal(await ticksOf(app), 11)
    await app[Symbol.asyncDispose]()
    assert.equal((await app.held.snapshots.latest(key, 1, app.store.identity.incarnation))?.version, 10)
  })

  test('of another state version is passed over', async () => {
    const app = await ticked(3)
    const { clocks, folded } = ticking(2, 10)
    await using again = await startApp(clocks, { beside: app })
    assert.equal(await ticksOf(again), 40)
    assert.deepEqual(folded, [1, 2, 3, 4])
  })

  test('whose event the stream does not have is passed over: a backup was restored and written on', async () => {
    const app = await ticked(3)
    const found = await app.held.snapshots.latest(key, 1, app.store.identity.incarnation)
    assert.ok(found)
    await app.held.snapshots.reset()
    await app.held.snapshots.save({ ...found, eventId: 'lost.0', state: '{"ticks":70}' })
    const { clocks, folded } = ticking()
    await using again = await startApp(clocks, { beside: app })
    assert.equal(await ticksOf(again), 4)
    assert.deepEqual(folded, [1, 2, 3, 4])
  })

  test('that lies beyond the end of the stream is passed over', async () => {
    const app = await ticked(3)
    const found = await app.held.snapshots.latest(key, 1, app.store.identity.incarnation)
    assert.ok(found)
    await app.held.snapshots.save({ ...found, version: 9, state: '{"ticks":70}' })
    await using again = await startApp(ticking().clocks, { beside: app })
    assert.equal(await ticksOf(again), 4)
  })

  test('that cannot be found because its store fails costs time, nothing else', async () => {
    const app = await ticked(3)
    app.held.snapshots.latest = () => Promise.reject(new Error('away'))
    app.held.snapshots.save = () => Promise.reject(new Error('away'))
    await using again = await startApp(ticking().clocks, { beside: app })
    for (const ticks of [4, 5, 6, 7]) assert.equal(await ticksOf(again), ticks)
  })
})

describe('options of an aggregate', () => {
  test('must be whole numbers from 1', () => {
    for (const wrong of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => aggregate('Clock', () => ({}), { snapshotEvery: wrong }), /whole number from 1/)
      assert.throws(() => aggregate('Clock', () => ({}), { stateVersion: wrong }), /whole number from 1/)
    }
  })
})
