// Which stored jobs a command means, and how it shows them.
import type { ValueOption } from './command.ts'
import { listed } from './option-values.ts'
import { askedOf } from './runtime-api.ts'
import { tableOf } from './table.ts'

/** Options that narrow, by what the app's question calls them. */
export const jobFilterOptions: {
  readonly state: ValueOption
  readonly queue: ValueOption
  readonly type: ValueOption
  readonly key: ValueOption
  readonly tenant: ValueOption
} = {
  state: {
    value: 'STATE',
    about:
      'pending, scheduled, running, retry_scheduled, waiting, succeeded, dead_letter, cancelled, expired; several with commas',
  },
  queue: { value: 'QUEUE', about: 'in this queue' },
  type: { value: 'TYPE', about: 'such as Order.SendReceipt' },
  key: { value: 'KEY', about: 'with this key' },
  tenant: { value: 'TENANT', about: 'of this tenant (default: of all)' },
}
type FilterValues = { readonly [Name in keyof typeof jobFilterOptions]?: string | undefined }

/** Absent: nothing narrows. */
export function jobFilter({ state, ...rest }: FilterValues): { readonly [field: string]: unknown } | undefined {
  const given = { ...rest, states: listed(state) }
  const known = Object.entries(given).filter(
    ([name, value]) => value !== undefined && (name === 'states' || name in jobFilterOptions),
  )
  return known.length === 0 ? undefined : Object.fromEntries(known)
}

/** A stored job, as the app tells of it. */
export interface ToldJob {
  readonly commitNo: number
  readonly index: number
  readonly jobId: string
  readonly tenant: string
  readonly type: string
  readonly queue: string
  readonly state: string
  readonly attempt: number
  readonly attemptsMax: number
  readonly dueAt: string
  readonly reason?: string
  readonly lastError?: string
}

export const jobPath = (question: string): string => askedOf(undefined, question)

export function jobTable(jobs: readonly ToldJob[]): string {
  if (jobs.length === 0) return 'There are none.'
  return tableOf([
    ['job', 'tenant', 'type', 'queue', 'state', 'runs', 'due', 'what went wrong'],
    ...jobs.map((job) => [
      job.jobId,
      job.tenant,
      job.type,
      job.queue,
      job.state,
      `${job.attempt}/${job.attemptsMax}`,
      job.dueAt,
      job.reason ?? job.lastError ?? '',
    ]),
  ])
}
