// Commits as fast as it can and prints the id of each command when it is acknowledged, until it is killed.
import { sqlite } from '../../src/index.ts'
import { commitOf } from '../commits.ts'
import { runtime } from '../place.ts'

const [path = '', run = ''] = process.argv.slice(2)
const { events } = await sqlite(path).open(runtime)
let next = 0
const client = async (): Promise<void> => {
  for (;;) {
    const commandId = `${run}-${(next += 1)}`
    const { verdict } = await events.commit(
      commitOf(commandId, `order-${next % 50}`, { data: JSON.stringify({ commandId, fill: 'x'.repeat(300) }) }),
    )
    if (verdict !== 'stored') throw new Error(verdict)
    process.stdout.write(`${commandId}\n`)
  }
}
await Promise.all(Array.from({ length: 16 }, client))
