// Receives in a group and tells the numbers of every batch: before it is acknowledged, and after. Told `hold`, it keeps what it gets.
import { natsBus } from '../../src/index.ts'
import { next, numbersOf, signal } from '../given.ts'
import { runtime } from '../runtime.ts'

const [servers = '', ackWaitMs = '', behaviour = ''] = process.argv.slice(2)
const bus = await natsBus({ servers, ackWaitMs: Number(ackWaitMs), batchEventsMax: 10 }).open(runtime)
const mails = await bus.subscribe('orders', 'mails')
process.send?.({ ready: true })
for (;;) {
  const batch = await next(mails)
  process.send?.({ got: numbersOf(batch) })
  if (behaviour === 'hold') await new Promise(() => undefined)
  await batch.ack?.({ signal })
  process.send?.({ done: numbersOf(batch) })
}
