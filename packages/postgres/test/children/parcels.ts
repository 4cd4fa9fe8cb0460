// A worker that tells its steps, and sends a signal to itself at one of them.
import { postgres } from '../../src/index.ts'
import type { PostgresOptions } from '../../src/index.ts'
import { parcelApp } from '../parcel-app.ts'

const [options = '{}', leaseMs = '', signal = '', at = ''] = process.argv.slice(2)
const app = parcelApp((number, step) => {
  const line = `${number} ${step}`
  process.stdout.write(`${line}\n`, () => {
    if (line === at) process.kill(process.pid, signal)
  })
})
await app.start({
  store: postgres(JSON.parse(options) as PostgresOptions),
  jobs: { leaseMs: Number(leaseMs) },
})
