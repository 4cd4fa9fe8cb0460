// How a process is: every check with what came of it, whether it has started, and whether it may get requests.
import type { Host } from '@gesta/core/host'
import { singly } from './check.ts'
import type { Look } from './check.ts'
import type { ProbeSettings } from './probe-options.ts'

interface CheckResult {
  readonly name: string
  readonly ok: boolean
  /** Whether the process is unready when this is not well. */
  readonly needed: boolean
  /** What is wrong: for operators. */
  readonly reason?: string
  readonly durationMs: number
}
interface Health {
  /** `leaving`: it answers requests, and wants no more of them. */
  readonly state: 'live' | 'leaving' | 'stopping'
  readonly ready: boolean
  readonly started: boolean
  readonly checks: readonly CheckResult[]
}
/** What a server is about to do, which the app does not know yet. */
export interface Going {
  readonly leaving: boolean
  readonly stopping: boolean
}
export interface Probes {
  /** Looks at everything. Whoever asks meanwhile gets the same answer, so that a crowd of them is one look. */
  look(): Promise<Health>
  /** Whether the process has started; once it has, it stays so, and nothing is asked. Errors: none, a store that is away has not started. */
  started(): Promise<boolean>
}

type ReadinessHost = Pick<Host, 'state' | 'head' | 'unready' | 'readModels' | 'subscribers' | 'jobWorker'>
const reasonLengthMax = 300

export function createProbes(host: ReadinessHost, settings: ProbeSettings, going: () => Going): Probes {
  const { timeoutMs } = settings
  let hasStarted = settings.startup === 'live'
  let headAtFirst: number | undefined
  let looking: Promise<Health> | undefined
  let catchingUp: Promise<boolean> | undefined

  const checks: readonly (readonly [name: string, needed: boolean, timeoutMs: number, look: Look<unknown>])[] = [
    ['store', true, timeoutMs, singly(() => host.head())],
    ['readModels', true, timeoutMs, singly(() => complain(troubledReadModels(host)))],
    // What works in the background keeps nobody from being answered.
    ['subscribers', false, timeoutMs, singly(() => complain(troubledSubscribers(host)))],
    ['jobs', false, timeoutMs, singly(() => complain(troubledJobs(host)))],
    ...settings.checks.map(
      ({ name, needed, timeoutMs: ownMs, check }) => [name, needed, ownMs, singly<unknown>(check)] as const,
    ),
  ]
  const firstHead = singly(() => host.head())
  const stateOf = (): Health['state'] => {
    const { leaving, stopping } = going()
    return stopping || host.state !== 'live' ? 'stopping' : leaving ? 'leaving' : 'live'
  }
  const hasCaughtUp = async (): Promise<boolean> => {
    try {
      headAtFirst ??= await firstHead(timeoutMs)
    } catch {
      return false
    }
    const head = headAtFirst
    // What an operator stopped, and what failed, comes no further; that is told by `/ready`.
    hasStarted = host.readModels
      .list()
      .every(({ state, metrics }) => (state !== 'restoring' && state !== 'live') || metrics.lastPosition >= head)
    return hasStarted
  }
  const started = async (): Promise<boolean> =>
    hasStarted || (catchingUp ??= hasCaughtUp().finally(() => (catchingUp = undefined)))
  const look = async (): Promise<Health> => {
    const [begun, ...results] = await Promise.all([
      started(),
      ...checks.map(([name, needed, ms, check]) => resultOf(name, needed, ms, check)),
    ])
    const state = stateOf()
    const well = results.every(({ ok, needed }) => ok || !needed)
    return { state, ready: state === 'live' && well, started: begun, checks: results }
  }
  return {
    started,
    look: () => (looking ??= look().finally(() => (looking = undefined))),
  }
}

async function resultOf(name: string, needed: boolean, timeoutMs: number, look: Look<unknown>): Promise<CheckResult> {
  const begun = performance.now()
  const durationMs = (): number => Math.round(performance.now() - begun)
  try {
    await look(timeoutMs)
    return { name, ok: true, needed, durationMs: durationMs() }
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, reasonLengthMax).toWellFormed()
    return { name, ok: false, needed, reason, durationMs: durationMs() }
  }
}

function complain(troubles: readonly string[]): void {
  if (troubles.length > 0) throw new Error(`${troubles.join('; ')}.`)
}

function troubledReadModels(host: ReadinessHost): readonly string[] {
  return host.unready().map(({ readModel, state, reason }) => `${readModel} is ${state}: ${reason}`)
}

/** The worker of this process, where there is one: what its jobs fail with is told by them. */
function troubledJobs(host: ReadinessHost): readonly string[] {
  const { state, lastError } = host.jobWorker() ?? {}
  return lastError === undefined ? [] : [`The worker is ${state}: ${lastError}`]
}

function troubledSubscribers(host: ReadinessHost): readonly string[] {
  return host
    .subscribers()
    .filter(({ state }) => state === 'failed' || state === 'diverged')
    .map(({ name, state, lastError }) => `${name} is ${state}${lastError === undefined ? '' : `: ${lastError}`}`)
}
