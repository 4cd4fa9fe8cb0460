// Runs a subscriber on a store and prints each step of its runs. At a step for one of the numbers it sends a signal to itself.
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { mailApp } from '../mail-app.ts'

const [options = '{}', leaseMs = '', signal = '', at = ''] = process.argv.slice(2)
const app = mailApp(
  (number, step) => {
    console.log(`${number} ${step}`)
    if (`${number} ${step}` === at) process.kill(process.pid, signal)
  },
  { leaseMs: Number(leaseMs) },
)
await app.start({ store: postgres(JSON.parse(options) as PostgresOptions) })
