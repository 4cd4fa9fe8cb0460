// An app on a read-only backend: it answers, it follows what others store, and it changes nothing.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isGestaError } from '@gesta/core'
import { readOnly } from '../../src/stores/read-only.ts'
import { accountDomain, deposit, get, open } from '../account-domain.ts'
import { startApp } from '../started-app.ts'

describe('an app on a read-only backend', () => {
  test('refuses commands with an error that names store and operation, and stores nothing', async () => {
    await using writing = await startApp(accountDomain)
    await writing.running.dispatch(open({ accountId: 'a', owner: 'alice' }))
    const before = await writing.store.total()
    await using reading = await startApp(accountDomain, {
      beside: { ...writing, held: { ...writing.held, backend: readOnly(writing.held.backend) } },
    })
    await assert.rejects(reading.running.dispatch(deposit({ accountId: 'a', pence: 5 })), (error) => {
      assert.ok(isGestaError(error, 'store_read_only'), String(error))
      assert.deepEqual(error.facts, { store: 'event', operation: 'commit' })
      return true
    })
    assert.equal(await writing.store.total(), before)
    assert.equal((await writing.store.info()).details['commits'], 1)
  })

  test('answers queries from views that it builds of the log, and follows what another app stores', async () => {
    await using writing = await startApp(accountDomain)
    await writing.running.dispatch(open({ accountId: 'a', owner: 'alice' }))
    await writing.running.dispatch(deposit({ accountId: 'a', pence: 5 }))
    await using reading = await startApp(accountDomain, {
      beside: { ...writing, held: { ...writing.held, backend: readOnly(writing.held.backend) } },
    })
    await writing.clock.finish(reading.running.caughtUp())
    assert.deepEqual(await reading.running.query(get({ accountId: 'a' })), { balance: 5, version: 2 })
    const outcome = await writing.running.dispatch(deposit({ accountId: 'a', pence: 7 }))
    const after = reading.running.query(get({ accountId: 'a' }), { after: outcome.token })
    assert.deepEqual(await writing.clock.finish(after), { balance: 12, version: 3 })
  })
})
