// `gesta cron list`, `pause`, `resume` and `run`.
import { adminApi, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { jobPath } from '../job-options.ts'
import { wholeNumber } from '../option-values.ts'
import { tableOf } from '../table.ts'

interface ToldCron {
  readonly name: string
  readonly schedule: string
  readonly timeZone: string
  readonly isPaused: boolean
  readonly pausedBy?: string
  readonly lastTick?: string
  readonly nextRuns: readonly string[]
  readonly lastError?: string
}

export const cronList: Command = defineCommand({
  name: 'cron list',
  operands: [],
  about: 'The crons of a running app, and when they fire next',
  options: { ...adminOptions, next: { value: 'N', about: 'firings to come of each, up to 1,000 (default: 1)' } },
  run: async ({ values }) => {
    const nextRuns = wholeNumber('next', values.next, 0) ?? 1
    const { items } = (await adminApi(values).post(jobPath('cron-list'), { nextRuns })) as {
      readonly items: readonly ToldCron[]
    }
    return { text: textOf(items), value: items }
  },
})

const actions = {
  pause: 'Lets a cron fire no more, in all processes, until it is resumed',
  resume: 'Lets a paused cron fire again; what its schedule had meanwhile is not made up for',
  run: 'Lets a cron fire once now, whether it is paused or not',
} as const

export const cronActions: readonly Command[] = Object.entries(actions).map(([action, about]) =>
  defineCommand({
    name: `cron ${action}`,
    operands: ['CRON'],
    about,
    options: { ...adminOptions, reason: { value: 'TEXT', about: 'why, for the audit log' } },
    run: async ({ operands: [cron = ''], values }) => {
      const { reason = `gesta cron ${action}` } = values
      const value = (await adminApi(values).post(jobPath('cron-control'), { cron, action, reason })) as {
        readonly result: { readonly cron: ToldCron; readonly jobId?: string; readonly skippedFor?: string }
      }
      const { cron: told, jobId, skippedFor } = value.result
      const skipped = skippedFor === undefined ? '.' : `, which does not run: ${skippedFor} has not ended.`
      const stored = jobId === undefined ? '' : `\n\nIt has stored the job ${jobId}${skipped}`
      return { text: textOf([told]) + stored, value: value.result }
    },
  }),
)

function textOf(crons: readonly ToldCron[]): string {
  if (crons.length === 0) return 'The app has no crons.'
  return tableOf([
    ['cron', 'schedule', 'zone', '', 'last', 'next'],
    ...crons.map(({ name, schedule, timeZone, isPaused, lastTick = '', nextRuns }) => [
      name,
      schedule,
      timeZone,
      isPaused ? 'paused' : '',
      lastTick,
      nextRuns.join(', '),
    ]),
  ])
}
