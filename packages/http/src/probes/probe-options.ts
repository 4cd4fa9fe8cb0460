// What probes look at beside what the app knows of itself: options of `serve`, `serveAdmin` and `serveProbes`, validated once.
import { checkOptions } from '@gesta/core/host'
import { wholeOption } from '../whole-option.ts'

/** Looks at something that the app needs: it returns, or throws what is wrong with it. The signal aborts when its time is over. */
export type Check = (signal: AbortSignal) => void | Promise<void>

/** Reference: docs/reference/health.md. */
export interface ProbeOptions {
  /**
   * Checks of one's own, by their names. One that fails makes the process unready; in the long form with `needed: false` it is told to
   * operators alone.
   */
  readonly checks?:
    | {
        readonly [name: string]:
          | Check
          | { readonly check: Check; readonly timeoutMs?: number; readonly needed?: boolean }
      }
    | undefined
  /** Milliseconds that a check may take, 1 to 60,000; later it has failed. Default 1,000. */
  readonly timeoutMs?: number | undefined
  /**
   * When the process has started: `caughtUp`, once its read models have come as far as the log was when it was asked first; `live`, as
   * soon as it answers. Default `caughtUp`.
   */
  readonly startup?: 'caughtUp' | 'live' | undefined
}
export interface ProbeSettings {
  readonly checks: readonly OwnCheck[]
  readonly timeoutMs: number
  readonly startup: 'caughtUp' | 'live'
}
interface OwnCheck {
  readonly name: string
  readonly check: Check
  readonly timeoutMs: number
  readonly needed: boolean
}

/** Names of checks that the app has by itself. */
const builtIn = ['app', 'store', 'readModels', 'subscribers', 'jobs'] as const

/** Errors: plain ones. */
export function probeSettings(options: ProbeOptions = {}, where: string): ProbeSettings {
  checkOptions(options, ['checks', 'timeoutMs', 'startup'], `${where}({ probes })`)
  const whole = wholeOption(where)
  const { checks = {}, startup = 'caughtUp' } = options
  const timeoutMs = whole('probes.timeoutMs', options.timeoutMs ?? 1_000, 1, 60_000)
  if (startup !== 'caughtUp' && startup !== 'live')
    throw new Error(`${where}: expected probes.startup to be caughtUp or live, received ${String(startup)}.`)
  return {
    timeoutMs,
    startup,
    checks: Object.entries(checks).map(([name, given]): OwnCheck => {
      if ((builtIn as readonly string[]).includes(name) || !/^[\w.-]{1,64}$/.test(name))
        throw new Error(
          `${where}: expected the names of probes.checks to be of letters, digits, ".", "_" and "-", and none of ${builtIn.join(', ')}, received ${JSON.stringify(name)}.`,
        )
      const path = `probes.checks.${name}`
      const long = typeof given === 'function' ? { check: given } : given
      checkOptions(long, ['check', 'timeoutMs', 'needed'], `${where}({ ${path} })`)
      if (typeof long.check !== 'function') throw new Error(`${where}: expected ${path} to be a function.`)
      return {
        name,
        check: long.check,
        timeoutMs: whole(`${path}.timeoutMs`, long.timeoutMs ?? timeoutMs, 1, 60_000),
        needed: long.needed ?? true,
      }
    }),
  }
}
