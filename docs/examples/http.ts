import { serve } from '@gesta/http'
import { shop } from './shop.ts'

await using running = await shop.start({ role: 'web' })
await using server = await serve(running, { port: 0 })

const answer = await fetch(`${server.url}/api/commands/Order.Place`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ orderId: 'A-1', pence: 4200 }),
})
console.log(answer.status, answer.headers.get('etag') !== null)

// The token of the answer, given back: the query waits until its read model has seen the command.
const after = answer.headers.get('gesta-token') ?? ''
const order = await fetch(`${server.url}/api/queries/Order.Get?orderId=A-1`, { headers: { 'gesta-after': after } })
console.log(order.status, await order.text())
