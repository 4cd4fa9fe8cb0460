// Runs a subscriber on a store and prints each step of its runs. It ends itself as a power cut would, at a step of its nth run.
import { sqlite } from '../../src/index.ts'
import { mailApp } from '../mail-app.ts'

const [path = '', last = '', nth = ''] = process.argv.slice(2)
let times = 0
const app = mailApp(
  (number, step) => {
    console.log(`${number} ${step}`)
    if (step === last && ++times === Number(nth)) process.kill(process.pid, 'SIGKILL')
  },
  { leaseMs: 300 },
)
await app.start({ store: sqlite(path) })
