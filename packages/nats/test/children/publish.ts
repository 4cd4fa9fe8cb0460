// Publishes numbered events one after the other, again and again until each is acknowledged, and tells the numbers.
import { natsBus } from '../../src/index.ts'
import { placed, publish, untilAvailable } from '../given.ts'
import { runtime } from '../runtime.ts'

const [servers = '', first = '', last = ''] = process.argv.slice(2)
const bus = await natsBus({ servers }).open(runtime)
for (let n = Number(first); n <= Number(last); n += 1) {
  await untilAvailable(() => publish(bus, placed(n)))
  process.send?.({ done: [n] })
}
await bus[Symbol.asyncDispose]()
process.disconnect?.()
