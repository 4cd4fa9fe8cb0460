// Crons for operators: when they fire next, whether they are paused, and one firing now.
import type { CommandContract, Handler, QueryContract } from '../contracts/contract.ts'
import { command, query } from '../contracts/define.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { flag, listOf, oneOf, optional, record, text, time, whole } from '../schema/plain-schema.ts'
import type { PlainSchema } from '../schema/plain-schema.ts'
import type { CronControl, Introspection } from './introspection.ts'
import { introspecting } from './introspecting.ts'
import type { RateLimit } from './rate-limit.ts'
import { guarded } from './store-guard.ts'
import { name, reason } from './store-pages.ts'

type CronRow = Awaited<ReturnType<CronControl['list']>>[number]
export interface CronQuestion {
  /** Firings to come of each, 0 to 1,000; default 5. */
  readonly nextRuns?: number | undefined
}
export interface CronPage {
  readonly items: readonly CronRow[]
}
const cronActions = ['pause', 'resume', 'run'] as const
export interface CronControlInput {
  readonly cron: string
  readonly action: (typeof cronActions)[number]
  readonly reason: string
}
export interface CronTold {
  readonly cron: CronRow
  /** With `run`: of the job that was stored. */
  readonly jobId?: string | undefined
  /** With `run`: the job that has not ended, for which the stored one was cancelled. */
  readonly skippedFor?: string | undefined
}

const row: PlainSchema<CronRow> = record<CronRow>({
  name: text(),
  schedule: text(),
  timeZone: text(),
  overlap: oneOf(['skip', 'allow']),
  missed: oneOf(['skip', 'once', 'all']),
  tenant: text(),
  isRunHere: flag,
  isPaused: flag,
  pausedAt: optional(time),
  pausedBy: optional(text()),
  lastTick: optional(time),
  nextRuns: listOf(time),
  lastError: optional(text()),
})
export const CronListQuery: QueryContract<'Runtime.CronList', CronQuestion, CronPage> = query('Runtime.CronList', {
  description: 'See the crons: their schedules, when they fire next, and which are paused.',
  input: record<CronQuestion>({ nextRuns: optional(whole(0, 1_000)) }),
  result: record<CronPage>({ items: listOf(row) }),
})
export const ControlCron: CommandContract<'Runtime.ControlCron', CronControlInput, CronTold> = command(
  'Runtime.ControlCron',
  {
    description: 'Pause and resume crons, in all processes, and let them fire now.',
    input: record<CronControlInput>({ cron: name, action: oneOf(cronActions), reason }),
    result: record<CronTold>({ cron: row, jobId: optional(text()), skippedFor: optional(text()) }),
    audited: true,
  },
)
export type CronContract = typeof CronListQuery | typeof ControlCron

export function cronHandlers(rate: RateLimit): readonly Handler<CronContract>[] {
  return [
    introspecting(CronListQuery, (app) => async ({ nextRuns }) => ({ items: await app.crons.list({ nextRuns }) })),
    guarded(
      ControlCron,
      rate,
      (asked) => ({ resource: `cron/${asked.cron}`, reason: `${asked.action}: ${asked.reason}` }),
      async (app, { cron, action }, { context }) => {
        await checkKnown(app, cron)
        const run = await tell(app.crons, cron, action, context)
        const told = (await app.crons.list()).find((each) => each.name === cron)
        if (told === undefined) throw unknownCron(cron, [])
        return { cron: told, ...run }
      },
    ),
  ]
}

async function tell(
  crons: CronControl,
  cron: string,
  action: CronControlInput['action'],
  context: Parameters<CronControl['pause']>[1]['context'],
): Promise<Omit<CronTold, 'cron'>> {
  if (action === 'run') return crons.runNow(cron, { context })
  await crons[action](cron, { context })
  return {}
}

async function checkKnown({ crons }: Introspection, cron: string): Promise<void> {
  const names = (await crons.list({ nextRuns: 0 })).map((each) => each.name)
  if (!names.includes(cron)) throw unknownCron(cron, names)
}

function unknownCron(cron: string, names: readonly string[]): GestaError {
  const known = names.length === 0 ? 'none' : names.join(', ')
  return new GestaError(
    'cron_unknown',
    `Expected the name of a cron, received ${cron}, which the app does not have. It has: ${known}.`,
    { facts: { cron } },
  )
}
