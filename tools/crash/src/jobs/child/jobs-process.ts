// The process that is killed: it enqueues jobs all the time, and runs them.
import { setTimeout as delay } from 'node:timers/promises'
import type { AppJobs } from '@gesta/core'
import { findGestaError, unfinishedStates } from '@gesta/core/ports'
import type { Backend } from '@gesta/core/ports'
import { diceOf } from '../../dice.ts'
import type { Dice } from '../../dice.ts'
import { eachLine } from '../../lines.ts'
import type { FromJobsProcess, JobsAsked, JobsOpening } from '../protocol.ts'
import { tallies, work } from './tallies.ts'

const tell = (line: FromJobsProcess): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
const wrong = (error: unknown): void => tell({ wrong: error instanceof Error ? String(error.stack) : String(error) })
process.on('uncaughtException', wrong)
process.on('unhandledRejection', wrong)

let jobs: AppJobs | undefined
let isAtRest = false

async function backendOf({ store, at }: JobsOpening): Promise<Backend> {
  if (store === 'sqlite') return (await import('@gesta/sqlite')).sqlite(at)
  return (await import('@gesta/postgres')).postgres({ url: at, lockTimeoutMs: 900, answerTimeoutMs: 2000 })
}

/** No more of them wait than workers get done in a few seconds. */
async function enqueue(own: AppJobs, dice: Dice): Promise<void> {
  const waitingMax = 500
  for (let count = 0; !isAtRest; count += 1) {
    await delay(20 + dice(20))
    if (isAtRest) return
    try {
      if (count % 20 === 0) while ((await own.total({ states: unfinishedStates })) > waitingMax) await delay(100)
      const some = Array.from({ length: 1 + dice(4) }, () => work({ tally: `t${dice(200)}` }))
      const { jobIds } = await own.enqueue(some)
      tell({ enqueued: jobIds })
    } catch (error) {
      if (findGestaError(error) === undefined) wrong(error)
    }
  }
}

async function look(own: AppJobs): Promise<void> {
  try {
    const { items } = await own.list({ states: ['running'] }, { limit: 10_000 })
    const unfinished = await own.total({ states: unfinishedStates })
    const running = [...new Set(items.map(({ worker = '' }) => worker))]
    tell({ running, unfinished, lost: own.status?.lost ?? 0 })
  } catch (error) {
    // It is asked again.
    if (findGestaError(error) === undefined) wrong(error)
  }
}

/** As soon as the store can be reached. */
async function started(opening: JobsOpening, dice: Dice): ReturnType<ReturnType<typeof tallies>['start']> {
  for (;;)
    try {
      return await tallies(opening.effects, dice).start({
        store: await backendOf(opening),
        jobs: { queues: { default: { concurrency: 20 } } },
      })
    } catch (error) {
      if (findGestaError(error)?.code.startsWith('store_') !== true) throw error
      await delay(100)
    }
}

async function open(opening: JobsOpening): Promise<void> {
  const dice = diceOf(opening.seed)
  const running = await started(opening, dice)
  const own = running.jobs
  jobs = own
  tell({ ready: own.status?.worker ?? '' })
  await enqueue(own, dice)
}

eachLine(process.stdin, (line) => {
  const asked = JSON.parse(line) as JobsOpening | JobsAsked
  if (asked === 'rest') isAtRest = true
  else if (asked !== 'look') open(asked).catch(wrong)
  else if (jobs !== undefined) void look(jobs)
})
// The harness is gone.
process.stdin.on('end', () => process.exit())
