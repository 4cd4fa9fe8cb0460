// Queues for operators: what waits in them, and whether anything is taken from them.
import type { CommandContract, Handler, QueryContract } from '../contracts/contract.ts'
import { command, query } from '../contracts/define.ts'
import { flag, listOf, oneOf, optional, record, text, whole } from '../schema/plain-schema.ts'
import { jobStates } from '../stores/job/job-state.ts'
import type { Introspection } from './introspection.ts'
import { introspecting } from './introspecting.ts'
import type { RateLimit } from './rate-limit.ts'
import { guarded } from './store-guard.ts'
import { reason } from './store-pages.ts'

interface QueueRow {
  readonly queue: string
  readonly isPaused: boolean
  /** By state, of unfinished and given-up jobs. */
  readonly counts: { readonly [state: string]: number }
  /** Milliseconds since the oldest pending job could have run; absent: none is pending. */
  readonly oldestPendingMs?: number | undefined
}
export interface QueuePage {
  readonly items: readonly QueueRow[]
}
const queueActions = ['pause', 'resume'] as const
export interface QueueControlInput {
  readonly queue: string
  readonly action: (typeof queueActions)[number]
  readonly reason: string
}
const counts = record<{ readonly [state: string]: number }>(
  Object.fromEntries(jobStates.map((state) => [state, optional(whole())])) as never,
)
const queuePage = record<QueuePage>({
  items: listOf(record<QueueRow>({ queue: text(), isPaused: flag, counts, oldestPendingMs: optional(whole()) })),
})
export const QueueListQuery: QueryContract<'Runtime.QueueList', void, QueuePage> = query('Runtime.QueueList', {
  description: 'See the queues: what waits in them, for how long, and which are paused.',
  result: queuePage,
})
export const ControlQueue: CommandContract<'Runtime.ControlQueue', QueueControlInput, QueuePage> = command(
  'Runtime.ControlQueue',
  {
    description: 'Pause and resume queues, in all processes.',
    input: record<QueueControlInput>({ queue: text(1, 64), action: oneOf(queueActions), reason }),
    result: queuePage,
    audited: true,
  },
)
export type QueueContract = typeof QueueListQuery | typeof ControlQueue

export function queueHandlers(rate: RateLimit): readonly Handler<QueueContract>[] {
  return [
    introspecting(QueueListQuery, (app) => async () => queuesOf(app)),
    guarded(
      ControlQueue,
      rate,
      (asked) => ({ resource: `queue/${asked.queue}`, reason: `${asked.action}: ${asked.reason}` }),
      async (app, { queue, action }) => {
        await app.jobs[action](queue)
        return queuesOf(app)
      },
    ),
  ]
}

async function queuesOf({ jobs }: Introspection): Promise<QueuePage> {
  const items = (await jobs.queues()).map(({ queue, isPaused, counts: of, oldestPendingUs }): QueueRow => ({
    queue,
    isPaused,
    counts: { ...of } as QueueRow['counts'],
    oldestPendingMs: oldestPendingUs === undefined ? undefined : Math.max(0, Math.floor(oldestPendingUs / 1_000)),
  }))
  return { items }
}
