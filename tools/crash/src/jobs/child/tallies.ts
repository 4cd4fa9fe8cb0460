// The app whose processes are killed: each job has an effect inside of a commit and one outside, and now and then it fails behind both.
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { aggregate, command, createApp, domain, event, handle, job } from '@gesta/core'
import { z } from 'zod'
import type { Dice } from '../../dice.ts'
import { addedType, jobType, tallyName } from '../protocol.ts'

const Added = event(addedType, z.object({ job: z.string() }))
const add = command('Tally.Add', { input: z.object({ tally: z.string(), job: z.string() }) })
const input = z.object({ tally: z.string() })
/** More runs than workers can be killed under it. */
export const work = job(jobType, { input, attemptsMax: 1_000, backoff: { firstMs: 20, maxMs: 200 } })

export function tallies(effects: string, dice: Dice) {
  const Tally = aggregate(tallyName, () => ({ count: 0 })).on(Added, ({ count }) => ({ count: count + 1 }))
  return createApp('crash', {
    domains: [
      domain('Tally', {
        permissions: 'anonymous',
        handlers: [
          Tally.decide(add, 'tally', (_, { job: id }) => [Added({ job: id })]),
          handle(work, async ({ tally }, { jobId, dispatch }) => {
            await delay(dice(20))
            // One write to the end of the file, which a kill leaves whole or not there.
            appendFileSync(effects, `${jobId}\n`)
            await delay(dice(20))
            await dispatch(add({ tally, job: jobId }))
            if (dice(20) === 0) throw new Error('It fails when all is done.')
            await delay(dice(10))
          }),
        ],
      }),
    ],
  })
}
