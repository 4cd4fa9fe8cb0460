import { isGestaError } from '@gesta/core'
import { place, shop } from './shop.ts'

await using running = await shop.start()
await running.dispatch(place({ orderId: 'A-1', pence: 4200 }))

try {
  // Version 0 says: the order must be new.
  await running.dispatch(place({ orderId: 'A-1', pence: 4200 }), { expectedVersion: 0 })
} catch (error) {
  if (!isGestaError(error, 'version_mismatch')) throw error
  console.log(error.code, error.facts['actual'])
}
