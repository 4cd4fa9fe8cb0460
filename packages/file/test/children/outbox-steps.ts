// Stores, delivers, fails and gives up, and ends itself as a power cut would when it has come to the given step. Before and after each
// thing that it does it writes a line into a file of its own.
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { openAt, takeStep } from '../outbox-states.ts'
import { plan } from '../outbox-plan.ts'

const [folder = '', last = '', attemptsMax = ''] = process.argv.slice(2)
let reached = 0
const outbox = await openAt(folder, Number(attemptsMax), () => {
  if (reached === Number(last)) process.kill(process.pid, 'SIGKILL')
  reached += 1
})
let next = 1
for (const step of plan) {
  appendFileSync(join(folder, 'diary'), 'begun\n')
  await takeStep(outbox, step, next)
  appendFileSync(join(folder, 'diary'), 'done\n')
  if (step.do === 'store') next += step.count
}
await outbox[Symbol.asyncDispose]()
