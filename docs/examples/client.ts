import { serve } from '@gesta/http'
import { createClient } from '@gesta/http/client'
import { shop } from './shop.ts'

await using running = await shop.start({ role: 'web' })
await using server = await serve(running, { port: 0 })

// In a browser or another process, `import type { shop }` is enough: the client has the app's types and none of its code.
const client = createClient<typeof shop>({ baseUrl: server.url })

const placed = await client.Order.Place({ orderId: 'A-1', pence: 4200 }, { idempotencyKey: 'checkout-1' })
console.log(await client.Order.Get({ orderId: 'A-1' }, { after: placed.token }))

// The same key again: the first outcome, and nothing new is stored.
const repeated = await client.Order.Place({ orderId: 'A-1', pence: 4200 }, { idempotencyKey: 'checkout-1' })
console.log(repeated.ok, repeated.commandId === placed.commandId)
