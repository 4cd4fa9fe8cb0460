// An app whose only job does nothing, so that what is measured is the queue; and passes over it: so many jobs are stored while the queue
// is paused, and then it is resumed.
import { createApp, domain, handle, job } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { z } from 'zod'
import { collectGarbage, inLanes } from '../../measure.ts'

const send = job('Order.Send', { input: z.object({ orderId: z.string() }) })
export const jobBody: string = JSON.stringify({ orderId: 'order-0190a1b2-c3d4' })

/** Jobs that run at once, which is what an exchange takes at most. */
export const concurrency = 2_000
/** Jobs of one commit, and commits on their way at once. */
const [jobsPerCommit, lanes] = [10, 64]

export interface Queue extends AsyncDisposable {
  /** Stores a job, and resolves when it is stored; `begun`: when it begins to run. */
  enqueue(begun: () => void): Promise<void>
  /** Until the end of the job that was stored last is stored too. */
  idle(): Promise<void>
  /** Jobs per second, from the first that may run to the last whose end is stored. */
  pass(jobs: number): Promise<number>
}

export async function startQueue(store: Backend): Promise<Queue> {
  let onRun = (): void => undefined
  const handlers = [handle(send, async () => onRun())]
  const app = createApp('orders', { domains: [domain('Order', { permissions: 'anonymous', handlers })] })
  const running = await app.start({ store, jobs: { queues: { default: { concurrency } } } })
  const one = send({ orderId: 'order-0190a1b2-c3d4' })
  let last = ''
  // One job is asked for, and not how many run: to count them is to walk over all that an old transaction keeps.
  const idle = async (): Promise<void> => {
    while ((await running.jobs.get(last))?.state !== 'succeeded');
  }
  const many = Array.from({ length: jobsPerCommit }, () => one)
  return {
    enqueue: async (begun) => {
      onRun = begun
      last = (await running.jobs.enqueue(one)).jobIds[0] ?? ''
    },
    idle,
    pass: async (jobs) => {
      const commits = Math.ceil(jobs / jobsPerCommit)
      await running.jobs.pause('default')
      await inLanes(lanes, 0, commits - 1, () => running.jobs.enqueue(many))
      last = (await running.jobs.enqueue(many)).jobIds.at(-1) ?? ''
      const all = Promise.withResolvers<void>()
      let left = commits * jobsPerCommit
      onRun = () => {
        if (--left === 0) all.resolve()
      }
      collectGarbage()
      const startedAt = performance.now()
      await running.jobs.resume('default')
      await all.promise
      await idle()
      return (commits * jobsPerCommit * 1000) / (performance.now() - startedAt)
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}
