// Noting that an event is done, on a store that fails: what was run is not run again for that.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { GestaError, subscriber } from '@gesta/core'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { start } from '../../src/app/start.ts'
import type { View } from '../../src/stores/read-model/read-model-store.ts'
import { deposit, Deposited } from '../account-domain.ts'
import { startApp } from '../started-app.ts'
import { noting, until } from './notes-domain.ts'

const away = () => Promise.reject(new GestaError('store_unavailable', 'The store did not answer.'))

/** An app whose subscriber's place is moved as `flush` says; `real` is the store's own way. */
async function following(flush: (real: () => Promise<boolean>) => Promise<boolean>) {
  const ran: number[] = []
  const count = subscriber('Count', { attemptsMax: 1 }).on(Deposited, ({ pence }) => void ran.push(pence))
  const app = await startApp(noting())
  const opened = await app.held.backend.open(app.runtime)
  const readModels = {
    ...opened.readModels,
    open: async (name: View['view']) => {
      const view = await opened.readModels.open(name)
      return { ...view, flush: (given: Parameters<View['flush']>[0]) => flush(() => view.flush(given)) }
    },
  }
  const store = { backend: 'memory', open: async () => ({ ...opened, readModels }) }
  const running = await start<string, string>('test', catalogueOf(noting(count)), { store }, app.runtime)
  const view = await opened.readModels.open({ name: 'Gesta.Subscriber/Count', modelVersion: 1, generation: 1 })
  return {
    ran,
    running,
    placed: async (position: number) => until(app, async () => (await view.checkpoint())?.position === position, 50),
    stop: () => app.clock.finish(Promise.resolve(running[Symbol.asyncDispose]())),
  }
}

test('a place that could not be moved is moved later, and nothing is run again', async () => {
  let failures = 7
  const app = await following((real) => (failures-- > 0 ? away() : real()))
  for (const pence of [1, 2]) await app.running.dispatch(deposit({ accountId: 'a', pence }))
  await app.placed(2)
  assert.deepEqual(app.ran, [1, 2])
  assert.equal(app.running.subscribers()[0]?.state, 'live')
  await app.stop()
})

test('a place that was moved without an answer is found where it is, and nothing is run again', async () => {
  let moves = 0
  const app = await following(async (real) => {
    const moved = await real()
    return ++moves % 2 === 1 ? away() : moved
  })
  for (const pence of [1, 2, 3]) await app.running.dispatch(deposit({ accountId: 'a', pence }))
  await app.placed(3)
  assert.deepEqual(app.ran, [1, 2, 3])
  await app.stop()
})

test('a place that somebody else moved on is taken over from there', async () => {
  let isFirst = true
  const app = await following(async (real) => {
    // Another owner was faster: this one's answer is that it did not move the place.
    if (isFirst) await real()
    const moved = isFirst ? false : await real()
    isFirst = false
    return moved
  })
  for (const pence of [1, 2]) await app.running.dispatch(deposit({ accountId: 'a', pence }))
  await app.placed(2)
  assert.deepEqual(app.ran, [1, 2])
  await app.stop()
})
