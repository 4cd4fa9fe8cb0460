import { cancel, get, place, shop } from './shop.ts'

await using running = await shop.start()

const placed = await running.dispatch(place({ orderId: 'A-1', pence: 4200 }))
console.log(await running.query(get({ orderId: 'A-1' }), { after: placed.token }))

const cancelled = await running.dispatch(cancel({ orderId: 'A-1', reason: 'changed my mind' }))
console.log(await running.query(get({ orderId: 'A-1' }), { after: cancelled.token }))
