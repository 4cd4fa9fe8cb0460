// An app that counts: what two processes do with one idempotency key would be counted twice.
import { aggregate, command, createApp, domain, event } from '@gesta/core'
import { z } from 'zod'

export const add = command('Counter.Add', { input: z.object({ id: z.string() }), result: z.int(), anonymousKeys: true })
const Added = event('Counter.Added', z.object({ id: z.string() }))
const Counter = aggregate('Counter', () => 0).on(Added, (count) => count + 1)
const counting = domain('Counter', {
  permissions: 'anonymous',
  handlers: [Counter.decide(add, 'id', (count, { id }) => add.accept([Added({ id })], count + 1))],
})

export const counterApp = createApp('counter', { domains: [counting] })
export const idempotencyKey = 'one for all'
