// `gesta jobs requeue`, `cancel`, `discard` and `hurry`: of jobs by their ids, or of all that a filter finds.
import { adminApi, adminOptions } from '../admin-api.ts'
import type { AdminApi } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { confirmed } from '../confirmed.ts'
import { jobFilter, jobFilterOptions, jobPath } from '../job-options.ts'
import type { ToldJob } from '../job-options.ts'
import { counted } from '../numbers.ts'
import { UsageError } from '../usage-error.ts'

const actions = {
  requeue: 'Lets jobs run again that were given up, cancelled or too late, with all their attempts',
  cancel: 'Cancels jobs that have not ended; those that run are told to end',
  discard: 'Gives dead letters up for good',
  hurry: 'Makes jobs due now that wait for a time',
} as const
/** Those that cannot be taken back by another one of them. */
const asked: readonly string[] = ['cancel', 'discard']

export const jobsActions: readonly Command[] = Object.entries(actions).map(([action, about]) =>
  defineCommand({
    name: `jobs ${action}`,
    operands: ['[JOB...]'],
    about,
    details:
      'By their ids, of one tenant; or all that the options find, in one step. Jobs that are in no state for it are left alone.',
    options: {
      ...adminOptions,
      ...jobFilterOptions,
      reason: { value: 'TEXT', about: 'why, for the audit log and for jobs that end by it' },
      yes: { about: 'do it without asking' },
    },
    run: async ({ operands, values }, terminal) => {
      const { reason = `gesta jobs ${action}`, tenant, yes, ...rest } = values
      const api = adminApi(values)
      const filter = jobFilter({ ...rest, tenant })
      const which = operands.length > 0 ? { jobs: await placesOf(api, operands, tenant, rest) } : filter && { filter }
      if (which === undefined)
        throw new UsageError(`Expected the ids of jobs, or an option that says which, such as --state. Received none.`)
      if (asked.includes(action) && yes === undefined && operands.length === 0)
        await confirmed(terminal, `Do you want to ${action} all jobs that these options find?`)
      const value = (await api.post(jobPath('queued-job-control'), { action, reason, ...which })) as {
        readonly result: { readonly changed: number }
      }
      const { changed } = value.result
      return { text: `${counted(changed, 'job')} changed.`, value: { changed } }
    },
  }),
)

/** Errors: `UsageError` for ids and options that narrow; a plain one for an id that is none. */
async function placesOf(
  api: AdminApi,
  ids: readonly string[],
  tenant: string | undefined,
  { state, queue, type, key }: { readonly [name: string]: string | true | undefined },
): Promise<readonly { readonly commitNo: number; readonly index: number }[]> {
  if ([state, queue, type, key].some((given) => given !== undefined))
    throw new UsageError('Expected either ids of jobs, with --tenant where they have one, or options that say which.')
  return Promise.all(
    ids.map(async (jobId) => {
      const asking = tenant === undefined ? { jobId } : { jobId, tenant }
      const { job } = (await api.post(jobPath('queued-job'), asking)) as { readonly job?: ToldJob }
      if (job === undefined) throw new Error(`There is no job ${jobId}. Nothing was changed.`)
      return { commitNo: job.commitNo, index: job.index }
    }),
  )
}
