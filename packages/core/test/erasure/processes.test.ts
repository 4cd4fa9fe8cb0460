import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { deaf, wholeLog } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'
import type { StartedApp } from '../started-app.ts'
import {
  customerDomain,
  decidedOn,
  encryption,
  readNames,
  register,
  rename,
  touch,
  writingCustomers,
} from './customers.ts'

const ann = { customerId: 'ann', name: 'Ann', email: 'ann@example.org' }
const erasing = { subject: 'ann', reason: 'asked for it' }
const polled = 300

/** Two processes on one store: what one stores the other finds by polling. The second one has Ann in memory. */
async function twoProcesses(
  domain = customerDomain,
  prepare: (one: StartedApp) => void = () => undefined,
): Promise<{ readonly one: StartedApp; readonly other: StartedApp }> {
  const one = await startApp(domain, { encryption, wrap: deaf() })
  prepare(one)
  const other = await startApp(domain, { encryption, beside: one })
  await one.running.dispatch(register(ann))
  await other.running.dispatch(touch({ customerId: 'ann' }))
  assert.deepEqual(decidedOn.at(-1)?.name, 'Ann')
  return { one, other }
}

beforeEach(() => {
  decidedOn.length = 0
})

for (const [what, domain] of [
  ['with read models', customerDomain],
  ['without read models', writingCustomers],
] as const) {
  describe(`another process ${what}`, () => {
    test('forgets the subject when its pump reads the event', async () => {
      const { one, other } = await twoProcesses(domain)
      await using _ = one
      await using __ = other
      await one.running.erase(erasing)
      await other.clock.advance(polled)
      await other.running.dispatch(touch({ customerId: 'ann' }))
      assert.deepEqual(decidedOn.at(-1)?.name, { erased: true })
    })

    test('stores nothing under the destroyed key, not even before its pump has read the event', async () => {
      const { one, other } = await twoProcesses(domain)
      await using _ = one
      await using __ = other
      await one.running.erase(erasing)
      const outcome = await other.clock.finish(other.running.dispatch(rename({ customerId: 'ann', name: 'Ann Late' })))
      assert.equal(outcome.ok, true)
      const stored = (await wholeLog(one.store)).at(-1)
      assert.deepEqual(JSON.parse(stored?.data ?? ''), {
        sealed: 'fields',
        subject: 'ann',
        fields: { name: null },
        data: { name: null },
      })
    })
  })
}

describe('the watch', () => {
  test('finds an erasure behind an event that cannot be read', async () => {
    const { one, other } = await twoProcesses(writingCustomers)
    await using _ = one
    await using __ = other
    await one.running.dispatch(register({ customerId: 'bob', name: 'Bob' }))
    const { keys } = await one.held.backend.open(one.runtime)
    // The store has lost the key of Bob, and nobody erased him.
    const kept = (await keys.list({})).items.filter(({ subject }) => subject === 'ann')
    await keys.reset()
    for (const key of kept) await keys.putIfAbsent(key)
    await one.running.erase(erasing)
    await other.clock.advance(polled)
    await other.running.dispatch(touch({ customerId: 'ann' }))
    assert.deepEqual(decidedOn.at(-1)?.name, { erased: true })
  })

  test('goes on when a store was away for a while', async () => {
    let away = 3
    const { one, other } = await twoProcesses(writingCustomers, ({ held: { snapshots } }) => {
      const { deletePersonal } = snapshots
      snapshots.deletePersonal = async (tenant) => {
        if (away-- > 0) throw new Error('away')
        return deletePersonal(tenant)
      }
    })
    await using _ = one
    await using __ = other
    await one.running.erase(erasing)
    await other.clock.advance(5_000)
    assert.ok(away < 0, 'the snapshots are asked again until they answer')
    await other.running.dispatch(touch({ customerId: 'ann' }))
    assert.deepEqual(decidedOn.at(-1)?.name, { erased: true })
  })
})

describe('a follower that is behind', () => {
  test('reads what was erased meanwhile as erased', async () => {
    const app = await startApp(writingCustomers, { encryption })
    await app.running.dispatch(register(ann))
    await app.running.erase(erasing)
    await app[Symbol.asyncDispose]()
    await using next = await startApp(customerDomain, { encryption, beside: app })
    await next.clock.finish(next.running.caughtUp())
    assert.deepEqual(await next.running.query(readNames({ customerId: 'ann' })), { names: ['(erased)'], known: false })
  })
})
