// How a process is: every check with what came of it, whether it has started, and whether it may get requests.
import type { Host } from '@gesta/core/host'
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

type ReadinessHost = Pick<Host, 'state' | 'head' | 'unready' | 'readModels' | 'subscribers'>
const reasonLengthMax = 300

export function createProbes(host: ReadinessHost, settings: ProbeSettings, going: () => Going): Probes {
  const { timeoutMs } = settings
  let hasStarted = settings.startup === 'live'
  let headAtFirst: number | undefined
  let looking: Promise<Health> | undefined

  const checks: readonly (readonly [
    name: string,
    needed: boolean,
    timeoutMs: number,
    look: (signal: AbortSignal) => unknown,
  ])[] = [
    ['store', true, timeoutMs, () => host.head()],
    [
      'readModels',
      true,
      timeoutMs,
      () => complain(host.unready().map(({ readModel, state, reason }) => `${readModel} is ${state}: ${reason}`)),
    ],
    // What follows the log in the background keeps nobody from being answered.
    ['subscribers', false, timeoutMs, () => complain(troubledSubscribers(host))],
    ...settings.checks.map((own) => [own.name, own.needed, own.timeoutMs, own.check] as const),
  ]
  const stateOf = (): Health['state'] => {
    const { leaving, stopping } = going()
    return stopping || host.state !== 'live' ? 'stopping' : leaving ? 'leaving' : 'live'
  }
  const started = async (): Promise<boolean> => {
    if (hasStarted) return true
    try {
      headAtFirst ??= await inTime(timeoutMs, () => host.head())
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
  const look = async (): Promise<Health> => {
    const [begun, ...results] = await Promise.all([
      started(),
      ...checks.map(([name, needed, ms, run]) => resultOf(name, needed, ms, run)),
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

async function resultOf(
  name: string,
  needed: boolean,
  timeoutMs: number,
  run: (signal: AbortSignal) => unknown,
): Promise<CheckResult> {
  const begun = performance.now()
  const durationMs = (): number => Math.round(performance.now() - begun)
  try {
    await inTime(timeoutMs, run)
    return { name, ok: true, needed, durationMs: durationMs() }
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).slice(0, reasonLengthMax).toWellFormed()
    return { name, ok: false, needed, reason, durationMs: durationMs() }
  }
}

/** Errors: those of the work; a plain one after `timeoutMs`, whether the work heeds its signal or not. */
function inTime<Result>(timeoutMs: number, work: (signal: AbortSignal) => Result | Promise<Result>): Promise<Result> {
  const ending = new AbortController()
  return new Promise<Result>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`Expected an answer within ${timeoutMs} ms, received none.`))
      ending.abort()
    }, timeoutMs)
    Promise.resolve()
      .then(() => work(ending.signal))
      .then(resolve, reject)
      .finally(() => clearTimeout(timer))
  })
}

function complain(troubles: readonly string[]): void {
  if (troubles.length > 0) throw new Error(`${troubles.join('; ')}.`)
}

function troubledSubscribers(host: ReadinessHost): readonly string[] {
  return host
    .subscribers()
    .filter(({ state }) => state === 'failed' || state === 'diverged')
    .map(({ name, state, lastError }) => `${name} is ${state}${lastError === undefined ? '' : `: ${lastError}`}`)
}
