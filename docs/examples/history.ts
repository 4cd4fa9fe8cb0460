import { cancel, get, place, shop } from './shop.ts'

await using running = await shop.start()

const ann = running.as({ identity: 'ann', account: 'ann@example', session: 's-1' })
await ann.dispatch(place({ orderId: 'A-1', pence: 4200 }))
const last = await running.as({ identity: 'bob' }).dispatch(cancel({ orderId: 'A-1', reason: 'changed my mind' }))

// The query is the same as ever. Asked with history its answer also tells what happened to what it shows.
const order = await ann.query(get({ orderId: 'A-1' }), { after: last.token, history: true })
console.log(order?.status, order?.pence)
for (const { version, eventName, data, senderIdentity } of order?.history[0]?.items ?? [])
  console.log(version, eventName, data, senderIdentity)
