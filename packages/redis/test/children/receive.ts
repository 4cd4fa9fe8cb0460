// Receives from a group, says what it got, and waits to be told before it acknowledges. Lines in: `ack`, `fail`. Lines out: JSON.
import { createInterface } from 'node:readline'
import { ack, nack, nextNumbers, openBus } from '../given.ts'

const [url = '', prefix = '', claimAfterMs = ''] = process.argv.slice(2)
await using bus = await openBus({ url, prefix }, { claimAfterMs: Number(claimAfterMs) })
await using source = await bus.subscribe('orders', 'mails')
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
for (;;) {
  const { batch, numbers } = await nextNumbers(source)
  console.log(JSON.stringify(numbers))
  const { value, done } = await lines.next()
  if (done === true) break
  await (value === 'ack' ? ack(batch) : nack(batch))
  console.log(`"${value}"`)
}
