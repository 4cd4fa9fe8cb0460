import { isGestaError } from '@gesta/core'
import { place, shop } from './shop.ts'

await using running = await shop.start()
const caller = running.as({ account: 'ann', session: 's-1' })

const first = await caller.dispatch(place({ orderId: 'A-1', pence: 4200 }), { idempotencyKey: 'checkout-1' })
const again = await caller.dispatch(place({ orderId: 'A-1', pence: 4200 }), { idempotencyKey: 'checkout-1' })
console.log(again.ok, again.commandId === first.commandId)

try {
  await caller.dispatch(place({ orderId: 'A-2', pence: 1 }), { idempotencyKey: 'checkout-1' })
} catch (error) {
  if (isGestaError(error)) console.log(error.code)
}
