// Runs the app with the process manager until it is killed, and prints a line for each command that its processes have sent.
import { sqlite } from '../../src/index.ts'
import { processApp } from '../process-app.ts'

const [path = ''] = process.argv.slice(2)
await processApp(() => console.log('decided')).start({ store: sqlite(path), jobs: { leaseMs: 300 } })
