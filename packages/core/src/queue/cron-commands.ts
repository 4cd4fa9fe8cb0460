// The commands of crons: made by gesta alone, decided on the stream of the cron. Each one is one commit, with the job in it.
import type { DecideHandler, Facts } from '../aggregates/aggregate.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Job } from '../contracts/messages.ts'
import type { CronParts, CronTick } from './cron.ts'
import { cronAggregate, CronBegun, CronPaused, CronResumed, CronRun, CronTicked } from './cron-state.ts'
import type { CronState } from './cron-state.ts'

export type CronAction = 'Begin' | 'Tick' | 'Run' | 'Pause' | 'Resume'
export interface CronInput {
  readonly name: string
  /** RFC 3339: of a firing. */
  readonly at?: string | undefined
  readonly isLate?: boolean | undefined
}

/** The type of a command, as the command log has it. No permission table names it, so callers are denied it. */
export function cronCommand(action: CronAction): string {
  return `Gesta.${action}Cron`
}

/** One handler per action, for all crons of an app. */
export function cronHandlers(crons: ReadonlyMap<string, CronParts>): readonly DecideHandler[] {
  const handler = (
    action: CronAction,
    decide: (cron: CronParts, state: CronState, input: CronInput, facts: Facts) => readonly unknown[],
    audited = false,
  ): DecideHandler => {
    const contract: ContractParts = { kind: 'command', type: cronCommand(action), ...(audited && { audited }) }
    return {
      contract,
      roles: ['any'],
      aggregate: cronAggregate,
      idOf: (input) => (input as CronInput).name,
      decider: (state, input, facts) => {
        const cron = crons.get((input as CronInput).name)
        return cron === undefined ? [] : decide(cron, state as CronState, input as CronInput, facts)
      },
    }
  }
  return [
    handler('Begin', begin),
    handler('Tick', fire),
    handler('Run', run, true),
    handler('Pause', pause, true),
    handler('Resume', resume, true),
  ]
}

/** A schedule that is not the one before counts from now on, so nothing of it was missed before it was there. */
function begin({ schedule, timeZone }: CronParts, state: CronState, _: CronInput, { now }: Facts): readonly unknown[] {
  if (state.schedule === schedule && state.timeZone === timeZone) return []
  const after = state.after === undefined || state.after < now ? now : state.after
  return [CronBegun({ schedule, timeZone, after })]
}

/** What another process was faster with, and what somebody paused meanwhile, is no firing any more. */
function fire(cron: CronParts, state: CronState, { name, at = '', isLate = false }: CronInput): readonly unknown[] {
  if (state.pausedAt !== undefined || (state.after !== undefined && at <= state.after)) return []
  const job = jobOf(cron, { name, at, isLate, isAsked: false })
  return [CronTicked({ at, isLate, job: job.type }), job]
}

function run(cron: CronParts, _: CronState, { name }: CronInput, facts: Facts): readonly unknown[] {
  const job = jobOf(cron, { name, at: facts.now, isLate: false, isAsked: true })
  return [CronRun({ at: facts.now, isLate: false, job: job.type, ...by(facts) }), job]
}

function pause(_: CronParts, state: CronState, __: CronInput, facts: Facts): readonly unknown[] {
  return state.pausedAt === undefined ? [CronPaused(by(facts))] : []
}

function resume(_: CronParts, state: CronState, __: CronInput, facts: Facts): readonly unknown[] {
  return state.pausedAt === undefined ? [] : [CronResumed({ after: facts.now, ...by(facts) })]
}

function by({ context }: Facts): { readonly by?: string } {
  const who = context.impersonator ?? context.identity ?? context.account
  return who === undefined ? {} : { by: who }
}

/** With `skip` the job is a repetition, which the queue cancels, while an earlier one has not ended. */
function jobOf({ name, job, overlap }: CronParts, tick: CronTick): Job<string, unknown> {
  const made: unknown = job(tick)
  if (typeof made !== 'object' || made === null || (made as { readonly kind?: unknown }).kind !== 'job')
    throw new Error(`Expected job of the cron ${name} to return the message of a job, such as report({ ... }).`)
  const message = made as Job<string, unknown>
  if (overlap === 'allow' || message.options?.unique !== undefined) return message
  return { ...message, options: { ...message.options, unique: { key: `cron/${name}` } } }
}
