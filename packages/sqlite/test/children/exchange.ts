// Takes two jobs and ends them, in a process that shall end at the step that is named, in the exchange that is named, and waits for that.
import type { JobEnd, JobExchanged } from '@gesta/core/ports'
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { sqlite } from '../../src/index.ts'
import { runtime } from '../place.ts'

const [path = '', step = '', after = ''] = process.argv.slice(2)
const { jobs } = await sqlite(path, crashing({}, { step: step as CrashStep, after: Number(after) })).open(runtime)
const exchange = (ends: readonly JobEnd[], room: number): Promise<JobExchanged> =>
  jobs.exchange({
    worker: 'killed',
    leaseMs: 3_600_000,
    ends,
    reports: [],
    wishes: [{ queue: 'default', room, types: ['Order.Send'] }],
  })
const { claimed } = await exchange([], 2)
console.log('claimed')
await exchange(
  claimed.map(({ commitNo, index, no }) => ({ commitNo, index, no, ending: { kind: 'succeeded' } })),
  0,
)
console.log('ended')
setInterval(() => undefined, 60_000)
