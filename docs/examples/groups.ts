import {
  command,
  createApp,
  deny,
  domain,
  handle,
  isPermissionDenied,
  plainDirectory,
  systemContext,
} from '@gesta/core'
import type { PlainDirectory } from '@gesta/core'
import { z } from 'zod'

const describe = command('Product.Describe', {
  input: z.object({ code: z.string(), description: z.string() }),
  description: 'Put right what a product is called',
  audited: true,
})
const giveBack = command('Order.Return', { input: z.object({ orderId: z.string(), customer: z.string() }) })

const products = domain('Product', {
  // Held by groups.
  permissions: { 'Product.Describe': 'authorized' },
  handlers: [handle(describe, async () => {})],
})
const orders = domain('Order', {
  permissions: {
    // Decided by a function, which may ask what the caller's groups hold.
    'Order.Return': ({ customer }, caller) =>
      caller.identity === customer || caller.holds('Order.ReturnForOthers')
        ? undefined
        : deny('somebody else bought it'),
  },
  customPermissions: [{ name: 'Order.ReturnForOthers' }],
  handlers: [handle(giveBack, async () => {})],
})

let people: PlainDirectory = {
  tenants: {
    acme: {
      groups: {
        warehouse: { permissions: ['Product.*'] },
        office: { permissions: ['Order.ReturnForOthers'], groups: ['warehouse'] },
      },
      identities: { wendy: { groups: ['warehouse'] }, olga: { groups: ['office'] }, carl: { groups: [] } },
    },
  },
}
const app = createApp('shop', { domains: [products, orders] })
await using running = await app.start({ directory: plainDirectory(() => people) })

const as = (identity: string) => ({ tenant: 'acme', identity, account: identity, session: 's-1' })
async function tried(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
    console.log(`${what}: done`)
  } catch (error) {
    if (!isPermissionDenied(error)) throw error
    console.log(`${what}: denied, because ${error.facts.reason}`)
  }
}
const heart = describe({ code: '85123A', description: 'HEART' })
await tried('wendy describes', () => running.as(as('wendy')).dispatch(heart))
await tried('carl describes', () => running.as(as('carl')).dispatch(heart))
await tried('olga gives back for carl', () =>
  running.as(as('olga')).dispatch(giveBack({ orderId: 'A-1', customer: 'carl' })),
)
await tried('wendy gives back for carl', () =>
  running.as(as('wendy')).dispatch(giveBack({ orderId: 'A-1', customer: 'carl' })),
)

// Why? Step by step, for whoever runs the app.
const { path } = await running.permissions.explain(as('olga'), 'Product.Describe')
for (const { step, result, groups = [] } of path) console.log(step, result, ...groups)

// Wendy leaves the warehouse. When this has resolved, no process lets her by what it knew before.
const { acme } = people.tenants
people = { tenants: { acme: { ...acme, identities: { ...acme?.identities, wendy: { groups: [] } } } } }
await running.permissions.changed('tenant', 'acme')
await tried('wendy describes', () => running.as(as('wendy')).dispatch(heart))

// All of it is in the audit log: what was audited, and every denial. The app itself asks.
const { items } = await running.audit.list(systemContext('acme'), { tenant: 'acme', order: 'oldest' })
for (const { actor, action, outcome } of items) console.log(actor, action, outcome)
