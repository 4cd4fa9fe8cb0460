// Fires the crons of one process. Any number of processes may do so: a firing is one command with an id made from cron and time, so it is
// stored once, and what is over is known by the stream and not by a process.
import type { Engine } from '../dispatch/engine.ts'
import { isAway } from '../dispatch/away.ts'
import { dispatchOnce, sentCommandId } from '../dispatch/sent-command.ts'
import { redactError } from '../errors/redact-error.ts'
import { systemContext } from '../request-context/system-context.ts'
import { longestBackoffMs } from '../time/backoff.ts'
import { pause } from '../time/unless-aborted.ts'
import { cronCommand } from './cron-commands.ts'
import type { CronAction, CronInput } from './cron-commands.ts'
import { dueTicks } from './cron-due.ts'
import { cronAggregate } from './cron-state.ts'
import type { CronState } from './cron-state.ts'
import type { CronParts } from './cron.ts'

export interface CronLoop {
  /** What went wrong last with a cron, as codes and names; absent: nothing, since it last went well. */
  lastError(name: string): string | undefined
  /** Runs until the signal aborts. Never rejects. */
  run(stop: AbortSignal): Promise<void>
}
interface Watched {
  readonly cron: CronParts
  isBegun: boolean
  /** Milliseconds since 1970 UTC: when it is looked at next. */
  lookMs: number
  /** Since it last went well. */
  failures: number
  lastError: string | undefined
}

/** A clock that is set forward is noticed this late. */
const waitMsMax = 1_000
/** Each failed try leaves a line in the command log, so what does not mend itself is tried more and more seldom. */
const retryDelay = { firstMs: 5_000, maxMs: 300_000 }
/** A store that does not answer keeps no line either, and what is due is fired soon after it is back. */
const awayDelay = { firstMs: 5_000, maxMs: 5_000 }

/** `engine`: one that asks for no permission, because nobody but gesta can send what it sends here. */
export function createCronLoop(engine: Engine, crons: readonly CronParts[]): CronLoop {
  const { clock } = engine
  const watched = crons.map((cron): Watched => ({ cron, isBegun: false, lookMs: 0, failures: 0, lastError: undefined }))
  const nowMs = (): number => Math.floor(clock.nowUs() / 1000)

  const look = async (one: Watched, stop: AbortSignal): Promise<void> => {
    const { cron } = one
    const { schedule, timeZone } = cron
    const { state, version } = await stateOf(engine, cron)
    if (!one.isBegun && (state.schedule !== schedule || state.timeZone !== timeZone))
      await sendCron(engine, cron, 'Begin', {}, [schedule, timeZone, version], stop)
    const { after, pausedAt } = one.isBegun ? state : (await stateOf(engine, cron)).state
    one.isBegun = true
    if (pausedAt !== undefined || after === undefined) return
    for (const { atMs, isLate } of dueTicks(cron, Date.parse(after), nowMs())) {
      const at = new Date(atMs).toISOString()
      await sendCron(engine, cron, 'Tick', { at, isLate }, [at], stop)
    }
  }
  return {
    lastError: (name) => watched.find(({ cron }) => cron.name === name)?.lastError,
    run: async (stop) => {
      for (let before = nowMs(); !stop.aborted;) {
        const now = nowMs()
        for (const one of watched) {
          // Where the clock was set back, what was to come next may come sooner than it was: a firing, or another try.
          if (now < before) one.lookMs = now
          if (stop.aborted || now < one.lookMs) continue
          try {
            await look(one, stop)
            one.failures = 0
            one.lastError = undefined
            one.lookMs = one.cron.runs.next(now) ?? Number.POSITIVE_INFINITY
          } catch (cause) {
            one.lastError = redactError(cause)
            one.lookMs = now + longestBackoffMs(isAway(cause) ? awayDelay : retryDelay, ++one.failures)
          }
        }
        before = now
        const nextMs = watched.reduce((least, { lookMs }) => Math.min(least, lookMs), Number.POSITIVE_INFINITY)
        await pause(clock, Math.min(waitMsMax, Math.max(1, nextMs - nowMs())), stop).catch(() => undefined)
      }
    },
  }
}

/** What is kept of it now. */
export async function stateOf(
  { states }: Engine,
  { tenant, name }: CronParts,
): Promise<{ readonly state: CronState; readonly version: number }> {
  const { state, version } = await states.load(cronAggregate, tenant, name)
  return { state: state as CronState, version }
}

/** On behalf of the app itself; `occasion` tells it apart from other commands of its kind. */
async function sendCron(
  engine: Engine,
  { name, tenant }: CronParts,
  action: CronAction,
  input: Omit<CronInput, 'name'>,
  occasion: readonly (string | number)[],
  signal: AbortSignal,
): Promise<void> {
  const { identity } = engine.store
  const idOf = (round: number): string => sentCommandId(identity, ['cron', action, tenant, name, ...occasion], round)
  const message = { type: cronCommand(action), data: { name, ...input } }
  // Nothing comes back when another process was faster, and at that moment the firing was late or not yet.
  await dispatchOnce(engine, message, { context: systemContext(tenant), signal }, idOf)
}
