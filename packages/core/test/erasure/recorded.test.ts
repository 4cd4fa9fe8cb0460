// The command log of an app with personal fields: what an erasure takes from the events was never in the records.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { command, domain, handle } from '@gesta/core'
import { z } from 'zod'
import { startApp } from '../started-app.ts'
import { Customer, customerDomain, encryption, register, rename, Renamed, touch } from './customers.ts'

const move = command('House.Move', { input: z.object({ customerId: z.string(), name: z.string(), email: z.string() }) })
const sweep = command('House.Sweep', {})
const signal = command('House.Signal', {
  input: z.object({ name: z.string(), to: z.string() }),
  redact: { name: 'secret', to: 'personal' },
})
const house = domain('House', {
  permissions: 'anonymous',
  handlers: [
    handle(move, async ({ customerId, name }, { load }) => (await load(Customer, customerId)).emit(Renamed({ name }))),
    handle(sweep, async () => undefined),
    handle(signal, async () => undefined),
  ],
})
const ann = { customerId: 'ann', name: 'Ann Äther', email: 'ann@example.org' }

describe('a field with the name of a personal field', () => {
  test('is not in the record, whether the command was accepted, rejected or refused', async () => {
    await using app = await startApp([customerDomain, house], { encryption })
    const { running } = app
    await running.dispatch(register(ann))
    await running.dispatch(register(ann))
    await running.dispatch(rename({ customerId: 'ann', name: 'Ann Äther' }))
    await assert.rejects(running.dispatch(register({ ...ann, customerId: 3 } as never)), { code: 'invalid_input' })
    await running.dispatch(move(ann))
    const { items } = await running.commandLog.list({ order: 'oldest' })
    assert.deepEqual(
      items.map(({ status, payload }) => [status, payload]),
      [
        ['accepted', '{"customerId":"ann","email":"[personal]","name":"[personal]"}'],
        ['rejected', '{"customerId":"ann","email":"[personal]","name":"[personal]"}'],
        ['accepted', '{"customerId":"ann","name":"[personal]"}'],
        ['failed', '{"customerId":3,"email":"[personal]","name":"[personal]"}'],
        ['accepted', '{"customerId":"ann","email":"[personal]","name":"[personal]"}'],
      ],
    )
    for (const { redacted } of items) assert.ok(redacted.includes('name') && !redacted.includes('*'))
  })

  test('is all that is taken: a command without one is recorded whole, and one without an input too', async () => {
    await using app = await startApp([customerDomain, house], { encryption })
    await app.running.dispatch(touch({ customerId: 'ann' }))
    await app.running.dispatch(sweep())
    const { items } = await app.running.commandLog.list({ order: 'oldest' })
    assert.deepEqual(
      items.map(({ payload, redacted }) => [payload, redacted]),
      [
        ['{"customerId":"ann"}', []],
        ['null', []],
      ],
    )
  })

  test('keeps the mark that its contract gives it', async () => {
    await using app = await startApp([customerDomain, house], { encryption })
    await app.running.dispatch(signal({ name: 'Ann', to: 'Bob' }))
    const [record] = (await app.running.commandLog.list({})).items
    assert.equal(record?.payload, '{"name":"[secret]","to":"[personal]"}')
  })
})
