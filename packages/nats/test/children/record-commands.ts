// Records numbered commands in batches of five, one batch after the other, and tells the numbers of each.
import { natsCommandLog } from '../../src/index.ts'
import { commandsFrom } from '../command-log-given.ts'
import { runtime } from '../runtime.ts'

const [servers = '', first = '', last = ''] = process.argv.slice(2)
const log = await natsCommandLog({ servers }).open(runtime)
for (let n = Number(first); n <= Number(last); n += 5) {
  await log.record(commandsFrom(n, n + 4))
  process.send?.({ done: [n] })
}
await log[Symbol.asyncDispose]()
process.disconnect?.()
