// Runs from the tarballs' dist: one order, placed and read back.

import assert from 'node:assert/strict'
import { get, place, start } from './order.ts'

await using running = await start()
const placed = await running.dispatch(place({ orderId: 'A-1', pence: 4200 }))
const order = await running.query(get({ orderId: 'A-1' }), { after: placed.token })
assert.equal(order?.pence, 4200)
