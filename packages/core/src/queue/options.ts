// How an app's jobs are run, as `start({ jobs })` has it.
import { checkQueue } from '../contracts/check-job-options.ts'
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import type { QueueWish } from '../stores/job/job-store.ts'

export interface QueueOptions {
  /** Jobs of the queue that this process runs at once, 0 to 10,000; 0: it takes none. Default 10. */
  readonly concurrency?: number | undefined
  /** Jobs of the queue that all processes together run at once, from 0. Default: as many as they have room for. */
  readonly runningMax?: number | undefined
  /** Jobs of one key of a tenant that all processes together run at once, from 1; those without a key are not limited. Default: no limit. */
  readonly runningPerKeyMax?: number | undefined
  /** Jobs of the queue that all processes together begin in any `periodMs`, 1 to 86,400,000. Default: no limit. */
  readonly rate?: { readonly max: number; readonly periodMs: number } | undefined
}
/** Reference: docs/reference/jobs.md. */
export interface JobsOptions {
  /** `false`: this process runs none. Default: it does, without a role or with the role `worker`. */
  readonly enabled?: boolean | undefined
  /** By name. Those that contracts name, and `default`, are worked on without being named here. */
  readonly queues?: { readonly [queue: string]: QueueOptions } | undefined
  /** Milliseconds that this process may be silent before its jobs are given to others, 300 to 3,600,000. Default 5,000. */
  readonly leaseMs?: number | undefined
  /** Milliseconds that jobs are kept after they have succeeded; `Infinity`: for ever. Default: a day. */
  readonly keepSucceededMs?: number | undefined
  /** Milliseconds that dead letters, cancelled and expired jobs are kept; `Infinity`: for ever. Default: 30 days. */
  readonly keepEndedMs?: number | undefined
}
export interface JobsSettings {
  readonly enabled: boolean
  readonly leaseMs: number
  readonly keepSucceededMs: number
  readonly keepEndedMs: number
  /** What the worker may take of a queue beside its room. */
  readonly concurrencyOf: (queue: string) => number
  readonly limitsOf: (queue: string) => Pick<QueueWish, 'runningMax' | 'runningPerKeyMax' | 'rate'>
  /** Queues that have options. */
  readonly queues: readonly string[]
}

const concurrencyDefault = 10
const concurrencyMax = 10_000
const leaseMsMax = 60 * 60 * 1000
const dayMs = 24 * 60 * 60 * 1000
const optionNames = ['enabled', 'queues', 'leaseMs', 'keepSucceededMs', 'keepEndedMs'] as const
const queueOptionNames = ['concurrency', 'runningMax', 'runningPerKeyMax', 'rate'] as const

/** With the defaults. Errors: plain ones for what is unknown, a `RangeError` for numbers out of bounds. */
export function jobsSettings(options: JobsOptions, app: string): JobsSettings {
  checkOptions(options, optionNames, `jobs of the app ${app}`)
  const { enabled = true, queues = {}, leaseMs = 5_000, keepSucceededMs = dayMs, keepEndedMs = 30 * dayMs } = options
  if (typeof enabled !== 'boolean')
    throw new Error(`Expected jobs.enabled of the app ${app} to be true or false, received ${JSON.stringify(enabled)}.`)
  checkWhole(leaseMs, 'option jobs.leaseMs', 300, leaseMsMax)
  checkKept(keepSucceededMs, 'keepSucceededMs')
  checkKept(keepEndedMs, 'keepEndedMs')
  for (const [queue, own] of Object.entries(queues)) checkQueueOptions(queue, own)
  return {
    enabled,
    leaseMs,
    keepSucceededMs,
    keepEndedMs,
    queues: Object.keys(queues),
    concurrencyOf: (queue) => queues[queue]?.concurrency ?? concurrencyDefault,
    limitsOf: (queue) => {
      const { runningMax, runningPerKeyMax, rate } = queues[queue] ?? {}
      return { runningMax, runningPerKeyMax, rate: rate && { max: rate.max, periodUs: rate.periodMs * 1000 } }
    },
  }
}

function checkQueueOptions(queue: string, options: QueueOptions): void {
  checkQueue(queue, 'jobs.queues')
  const where = `jobs.queues.${queue}`
  checkOptions(options, queueOptionNames, where)
  const { concurrency, runningMax, runningPerKeyMax, rate } = options
  if (concurrency !== undefined) checkWhole(concurrency, `option ${where}.concurrency`, 0, concurrencyMax)
  if (runningMax !== undefined) checkWhole(runningMax, `option ${where}.runningMax`, 0)
  if (runningPerKeyMax !== undefined) checkWhole(runningPerKeyMax, `option ${where}.runningPerKeyMax`, 1)
  if (rate === undefined) return
  checkOptions(rate, ['max', 'periodMs'], `${where}.rate`)
  checkWhole(rate.max, `option ${where}.rate.max`, 1)
  checkWhole(rate.periodMs, `option ${where}.rate.periodMs`, 1, dayMs)
}

function checkKept(ms: number, name: string): void {
  if (ms !== Number.POSITIVE_INFINITY) checkWhole(ms, `option jobs.${name}`, 0)
}
