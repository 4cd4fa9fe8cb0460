// `gesta jobs show`: one stored job, with what it was given, its failures, its lines and its result.
import { adminApi, adminOptions } from '../admin-api.ts'
import { defineCommand } from '../command.ts'
import type { Command } from '../command.ts'
import { jobPath } from '../job-options.ts'
import type { ToldJob } from '../job-options.ts'
import { tableOf } from '../table.ts'
import { visibleInLine } from '../visible.ts'

interface ShownJob extends ToldJob {
  readonly payload?: string
  readonly redacted: readonly string[]
  readonly result?: string
  readonly enqueuedAt: string
  readonly startedAt?: string
  readonly endedAt?: string
  readonly worker?: string
  readonly progress?: { readonly done: number; readonly of?: number; readonly note?: string }
  readonly repeats?: string
  readonly failures: readonly { readonly attempt: number; readonly at: string; readonly error: string }[]
  readonly lines: readonly { readonly attempt: number; readonly at: string; readonly text: string }[]
}

export const jobsShow: Command = defineCommand({
  name: 'jobs show',
  operands: ['JOB'],
  about: 'One stored job: what it was given, its failures, its lines and its result',
  details: 'Fields that its contract marks are replaced. The look is in the audit log.',
  options: {
    ...adminOptions,
    tenant: { value: 'TENANT', about: 'whose job it is (default: that of an app without tenants)' },
  },
  run: async ({ operands: [jobId = ''], values }) => {
    const { tenant } = values
    const asked = tenant === undefined ? { jobId } : { jobId, tenant }
    const { job } = (await adminApi(values).post(jobPath('queued-job'), asked)) as { readonly job?: ShownJob }
    if (job === undefined) throw new Error(`There is no job ${jobId}${tenant === undefined ? '' : ` of ${tenant}`}.`)
    return { text: textOf(job), value: job }
  },
})

function textOf(job: ShownJob): string {
  const { progress, failures, lines } = job
  const facts = tableOf(
    Object.entries({
      job: job.jobId,
      tenant: job.tenant,
      type: job.type,
      queue: job.queue,
      state: job.state,
      runs: `${job.attempt} of ${job.attemptsMax}`,
      stored: job.enqueuedAt,
      due: job.dueAt,
      begun: job.startedAt,
      ended: job.endedAt,
      worker: job.worker,
      progress:
        progress && `${progress.done}${progress.of === undefined ? '' : ` of ${progress.of}`} ${progress.note ?? ''}`,
      reason: job.reason,
      repeats: job.repeats,
      given: job.payload,
      replaced: job.redacted.length === 0 ? undefined : job.redacted.join(', '),
      result: job.result,
    }).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  )
  const told = [
    ...failures.map(({ at, attempt, error }) => `${at}  run ${attempt} failed: ${error}`),
    ...lines.map(({ at, attempt, text }) => `${at}  run ${attempt}: ${text}`),
  ].toSorted()
  return [facts, ...(told.length === 0 ? [] : ['', ...told.map(visibleInLine)])].join('\n')
}
