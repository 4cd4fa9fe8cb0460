// A process that receives, tells what, and holds it until it is killed.
import { openTestBus } from '../bus-place.ts'
import { forEver, nextBatch, numberOf } from '../given.ts'

const [brokers = '', prefix = ''] = process.argv.slice(2)
const bus = await openTestBus({ brokers: brokers.split(','), prefix })
const source = await bus.subscribe('orders', 'mails')
const first = await nextBatch(source)
await first.ack?.({ signal: forEver })
process.send?.({ acknowledged: first.events.map(numberOf) })
const second = await nextBatch(source)
process.send?.({ held: second.events.map(numberOf) })
