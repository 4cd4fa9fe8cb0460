import { z } from 'zod'
import { anyOf, command, createApp, deny, domain, handle, isGestaError, query } from '@gesta/core'

const owners = new Map([['A-1', 'ann']])

const get = query('Order.Get', { input: z.object({ orderId: z.string() }), result: z.string() })
const cancel = command('Order.Cancel', { input: z.object({ orderId: z.string() }) })

const sales = domain('Order', {
  permissions: {
    'Order.Get': 'authenticated',
    // A custom check: nothing allows, deny(...) denies. The reason is for logs.
    'Order.Cancel': anyOf('authorized', ({ orderId }, caller) =>
      owners.get(orderId) === caller.account ? undefined : deny('not the owner'),
    ),
  },
  handlers: [handle(get, async ({ orderId }) => `order ${orderId}`), handle(cancel, async () => {})],
})

await using running = await createApp('shop', { domains: [sales] }).start()
const ann = running.as({ account: 'ann', session: 's-1' })
const bob = running.as({ account: 'bob', session: 's-2' })

console.log(await bob.query(get({ orderId: 'A-1' })))
console.log((await ann.dispatch(cancel({ orderId: 'A-1' }))).ok)
try {
  await bob.dispatch(cancel({ orderId: 'A-1' }))
} catch (error) {
  if (isGestaError(error)) console.log(error.code, error.facts['reason'])
}
