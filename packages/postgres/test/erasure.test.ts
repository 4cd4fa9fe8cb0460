import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { aggregate, command, createApp, domain, event, isErased } from '@gesta/core'
import type { Erased, Running } from '@gesta/core'
import { z } from 'zod'
import { postgres } from '../src/index.ts'
import { newSchema, runtime, skip } from './place.ts'

const id = z.string()
const register = command('Customer.Register', { input: z.object({ id, name: z.string() }) })
const greet = command('Customer.Greet', { input: z.object({ id }), result: z.object({ greeting: z.string() }) })
const Registered = event('Customer.Registered', z.object({ name: z.string() }), { personal: { fields: ['name'] } })
interface Greeted {
  readonly name: string | Erased
}
const Customer = aggregate('Customer', (): Greeted => ({ name: '' })).on(Registered, (_, { name }) => ({ name }))
const app = createApp('customers', {
  domains: [
    domain('Customer', {
      permissions: 'anonymous',
      handlers: [
        Customer.decide(register, 'id', (_, { name }) => [Registered({ name })]),
        Customer.decide(greet, 'id', ({ name }) =>
          greet.accept([], { greeting: isErased(name) ? '(erased)' : `Hello ${name}` }),
        ),
      ],
    }),
  ],
})
type Process = Running<'Customer.Register' | 'Customer.Greet', never>
const encryption = { secrets: [{ id: 'k1', secret: 'a secret of at least thirty-two bytes' }] }
const greeting = async (process: Process, customer: string): Promise<string> => {
  const greeted = await process.dispatch(greet({ id: customer }))
  return greeted.ok ? greeted.result.greeting : ''
}

describe('two processes with personal data', { skip }, () => {
  test('read what the other one sealed, also when both seal a first field at once', async () => {
    const store = postgres(await newSchema())
    await using one: Process = await app.start({ store, encryption })
    await using other: Process = await app.start({ store, encryption })
    const names = Array.from({ length: 20 }, (_, at) => `Unmistakable ${at}`)
    await Promise.all(
      names.flatMap((name, at) => [one, other].map((process) => process.dispatch(register({ id: `c-${at}`, name })))),
    )
    for (const [at, name] of names.entries())
      for (const process of [one, other]) assert.equal(await greeting(process, `c-${at}`), `Hello ${name}`)

    await using opened = await store.open(runtime)
    const events = await opened.events.readAll({ after: 0 })
    assert.equal(events.length, 40)
    for (const { data } of events) assert.doesNotMatch(data, /Unmistakable/)
  })

  test('forget whom the other one erased, and seal nothing for them any more', async () => {
    const store = postgres(await newSchema())
    await using one: Process = await app.start({ store, encryption })
    await using other: Process = await app.start({ store, encryption })
    await one.dispatch(register({ id: 'ann', name: 'Ann' }))
    assert.equal(await greeting(other, 'ann'), 'Hello Ann')
    await one.erase({ subject: 'ann', reason: 'asked for it' })
    assert.equal(await greeting(one, 'ann'), '(erased)')
    await other.dispatch(register({ id: 'ann', name: 'Ann Again' }))
    while ((await greeting(other, 'ann')) !== '(erased)') await turn()

    await using opened = await store.open(runtime)
    const last = (await opened.events.readAll({ after: 0 })).at(-1)
    assert.deepEqual(JSON.parse(last?.data ?? ''), {
      sealed: 'fields',
      subject: 'ann',
      fields: { name: null },
      data: { name: null },
    })
    assert.equal(await opened.keys.get({ tenant: '', subject: 'ann' }), 'shredded')
  })
})
