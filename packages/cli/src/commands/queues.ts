// `gesta queue list`, `pause` and `resume`.
import { adminApi, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { jobPath } from '../job-options.ts'
import { spanOf } from '../numbers.ts'
import { tableOf } from '../table.ts'

interface ToldQueues {
  readonly items: readonly {
    readonly queue: string
    readonly isPaused: boolean
    readonly counts: { readonly [state: string]: number }
    readonly oldestPendingMs?: number
  }[]
}

export const queueList: Command = defineCommand({
  name: 'queue list',
  operands: [],
  about: 'The queues of a running app: what waits in them, for how long, and which are paused',
  options: adminOptions,
  run: async ({ values }) => {
    const value = (await adminApi(values).post(jobPath('queue-list'), {})) as ToldQueues
    return { text: textOf(value), value: value.items }
  },
})

const actions = {
  pause: 'Takes nothing more from a queue, in all processes; what runs goes on',
  resume: 'Takes jobs from a queue again',
} as const

export const queueActions: readonly Command[] = Object.entries(actions).map(([action, about]) =>
  defineCommand({
    name: `queue ${action}`,
    operands: ['QUEUE'],
    about,
    options: { ...adminOptions, reason: { value: 'TEXT', about: 'why, for the audit log' } },
    run: async ({ operands: [queue = ''], values }) => {
      const { reason = `gesta queue ${action}` } = values
      const value = (await adminApi(values).post(jobPath('queue-control'), { queue, action, reason })) as {
        readonly result: ToldQueues
      }
      return { text: textOf(value.result), value: value.result.items }
    },
  }),
)

function textOf({ items }: ToldQueues): string {
  if (items.length === 0) return 'There is no queue with unfinished or given-up jobs, and none is paused.'
  return tableOf([
    ['queue', '', 'oldest', 'jobs'],
    ...items.map(({ queue, isPaused, counts, oldestPendingMs }) => [
      queue,
      isPaused ? 'paused' : '',
      oldestPendingMs === undefined ? '' : spanOf(oldestPendingMs),
      Object.entries(counts)
        .map(([state, count]) => `${count} ${state}`)
        .join(', '),
    ]),
  ])
}
