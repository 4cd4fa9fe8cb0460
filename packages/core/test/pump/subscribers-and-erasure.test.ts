// What a subscriber was about to be given is erased: it is given what the log has then.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domain, subscriber } from '@gesta/core'
import type { Erased } from '@gesta/core'
import { encryption, register, Registered, writingCustomers } from '../erasure/customers.ts'
import { startApp } from '../started-app.ts'
import { statusOf, until } from './notes-domain.ts'

type Run = (name: string | Erased, attempt: number) => void | Promise<void>

async function following(run: Run) {
  const greet = subscriber('Greet').on(Registered, ({ name }, { attempt }) => run(name, attempt))
  const letters = domain('Letter', { permissions: 'anonymous', handlers: [], subscribers: [greet] })
  const app = await startApp([writingCustomers, letters], { encryption })
  await until(app, () => statusOf(app, 'Greet').state === 'live')
  return app
}

test('an event that waits behind a long run is read again', async () => {
  const seen: unknown[] = []
  const free = Promise.withResolvers<void>()
  await using app = await following(async (name) => {
    seen.push(name)
    if (name === 'Ann') await free.promise
  })
  await Promise.all(['Ann', 'Bob'].map((name) => app.running.dispatch(register({ customerId: name, name }))))
  await until(app, () => seen.length === 1)
  await app.running.erase({ subject: 'Bob', reason: 'asked' })
  await app.clock.advance(1_100)
  free.resolve()
  await until(app, () => seen.length === 2)
  assert.deepEqual(seen, ['Ann', { erased: true }])
})

test('an event that failed is read again before it is tried again', async () => {
  const seen: unknown[] = []
  await using app = await following((name, attempt) => {
    seen.push([name, attempt])
    if (typeof name === 'string') throw new Error('no such address')
  })
  await app.running.dispatch(register({ customerId: 'Ann', name: 'Ann' }))
  await until(app, () => statusOf(app, 'Greet').state === 'retrying', 1)
  await app.running.erase({ subject: 'Ann', reason: 'asked' })
  const tried = seen.length
  await until(app, () => statusOf(app, 'Greet').state === 'live', 100)
  assert.deepEqual(seen.slice(tried), [[{ erased: true }, tried + 1]])
})
