// Crons: jobs that are begun on a schedule. Definitions only.
import type { Job, Role } from '../contracts/messages.ts'
import { bitsOf } from '../registry/roles.ts'
import { checkOptions } from '../schema/options.ts'
import { checkTenant, checkWhole } from '../stores/check-text.ts'
import { cronSchedule } from './cron-schedule.ts'
import type { CronSchedule } from './cron-schedule.ts'

/** One firing. */
export interface CronTick {
  /** The cron's name. */
  readonly name: string
  /** RFC 3339, UTC: the time of the schedule, or when somebody asked. */
  readonly at: string
  /** More than a minute after its time: it was missed, and is made up for. */
  readonly isLate: boolean
  /** Somebody asked for it, outside of the schedule. */
  readonly isAsked: boolean
}
export interface CronOptions {
  /** `minute hour day month weekday`, or six fields with the second first. */
  readonly schedule: string
  /** IANA name. Default `UTC`. */
  readonly timeZone?: string | undefined
  /** Makes the job: a pure, synchronous function. */
  readonly job: (tick: CronTick) => Job<string, unknown>
  /**
   * `skip`: nothing is begun while the job of an earlier firing has not ended. `allow`: it is. Default `skip`; with `missed: 'all'` it is
   * `allow`, and nothing else can be: each firing stands for its own time.
   */
  readonly overlap?: 'skip' | 'allow' | undefined
  /**
   * What follows when no process was there at the time. `once` (default): the last missed one is made up for. `skip`: none. `all`: each, oldest
   * first, as far as `missedMax`.
   */
  readonly missed?: 'skip' | 'once' | 'all' | undefined
  /** With `all`: the newest so many, 1 to 1,000. Default 100. */
  readonly missedMax?: number | undefined
  /** The tenant of the job. Default: that of an app without tenants. */
  readonly tenant?: string | undefined
  /** In which processes it fires. Default: those with the role `cron`, and those without a role. */
  readonly roles?: readonly (Role | 'any')[] | undefined
}
export interface Cron<Name extends string> {
  readonly name: Name
  readonly schedule: string
  readonly timeZone: string
}
/** What the runtime reads of a cron. */
export interface CronParts extends Required<Omit<CronOptions, 'tenant' | 'roles'>> {
  readonly name: string
  readonly tenant: string
  readonly roles: readonly (Role | 'any')[]
  readonly missed: 'skip' | 'once' | 'all'
  readonly overlap: 'skip' | 'allow'
  readonly timeZone: string
  readonly missedMax: number
  readonly runs: CronSchedule
}

const optionNames = ['schedule', 'timeZone', 'job', 'overlap', 'missed', 'missedMax', 'tenant', 'roles'] as const
const namePattern = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/

/** Defines a cron. Errors: plain ones and a `RangeError`, at set-up. Reference: docs/reference/cron.md. */
export function cron<const Name extends string>(name: Name, options: CronOptions): Cron<Name> {
  const where = `the cron ${name}`
  checkOptions(options, optionNames, `cron('${name}')`)
  if (!namePattern.test(name))
    throw new Error(`Expected a cron's name like "Order.NightlyReport" (letters, digits, dots), received "${name}".`)
  const { schedule, timeZone = 'UTC', job, missed = 'once', missedMax = 100 } = options
  const { overlap = missed === 'all' ? 'allow' : 'skip', tenant = '', roles = ['cron'] } = options
  if (typeof job !== 'function') throw new Error(`Expected job of ${where} to be a function that makes a job.`)
  checkOneOf(overlap, ['skip', 'allow'], `overlap of ${where}`)
  checkOneOf(missed, ['skip', 'once', 'all'], `missed of ${where}`)
  if (missed === 'all' && overlap === 'skip')
    throw new Error(
      `Expected ${where} to have overlap: "allow" with missed: "all", received "skip", which would cancel all that is made up for but the first. Or choose missed: "once".`,
    )
  checkWhole(missedMax, `option missedMax of ${where}`, 1, 1_000)
  checkTenant(tenant)
  bitsOf(roles, 'job')
  const runs = cronSchedule(schedule, timeZone, where)
  const parts: CronParts = { name, schedule, timeZone, job, overlap, missed, missedMax, tenant, roles, runs }
  return Object.freeze(parts) as unknown as Cron<Name>
}

/** The runtime side of a cron. */
export function cronParts(definition: { readonly name: string }): CronParts {
  return definition as CronParts
}

function checkOneOf(value: string, known: readonly string[], what: string): void {
  if (!known.includes(value))
    throw new Error(`Expected ${what} to be one of ${known.join(', ')}, received ${JSON.stringify(value)}.`)
}
