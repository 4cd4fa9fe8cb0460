// What lies in the store between the two steps of a sign-in, on the real credential store.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApp, memory, systemTenant } from '@gesta/core'
import { createPendingSignIns } from '../../src/pages/pending-sign-in.ts'

const typed = { email: 'anna@shop.example', password: 'nine purple tractors hum' }
const start = () =>
  createApp('shop', { domains: [] }).start({
    store: memory(),
    encryption: { secrets: [{ id: 'test', secret: 'a secret of tests that is long enough to seal with' }] },
  })

describe('a pending sign-in', () => {
  test('is gone on with in any process, until it is removed', async () => {
    await using running = await start()
    const { credentials } = running.stores
    const ticket = await createPendingSignIns(credentials).keep(typed)
    const other = createPendingSignIns(credentials)
    assert.deepEqual(await other.find(ticket), typed)
    await other.remove(ticket)
    assert.equal(await createPendingSignIns(credentials).find(ticket), undefined)
  })

  test('shows neither password nor address to whoever reads the store, with its secrets as well', async () => {
    await using running = await start()
    const { credentials } = running.stores
    const ticket = await createPendingSignIns(credentials).keep(typed)
    const { items } = await credentials.list({ tenant: systemTenant, kind: 'pending-sign-in' })
    const [row] = items
    assert.ok(row?.expiresAt !== undefined)
    const kept = Buffer.from(row.value as string, 'base64').toString('latin1') + JSON.stringify(row)
    for (const secret of [typed.password, typed.email, ticket.split('.')[1] ?? '']) assert.ok(!kept.includes(secret))
    const minutes = (row.expiresAt - row.writtenAt) / 60_000_000
    assert.ok(minutes > 4 && minutes < 6, `${minutes} minutes`)
  })
})
