// What `runProcess` is told, validated once.
import type { Role, Running } from '@gesta/core'
import { checkOptions } from '@gesta/core/host'
import { standardErrorLogger } from '../logger.ts'
import type { Logger } from '../logger.ts'
import { inProduction } from '../production.ts'
import { wholeOption } from '../whole-option.ts'
import { roleOf } from './role.ts'

/** What listens: of `serve`, `serveAdmin` and `serveProbes`, or one's own. Disposing of it finishes what it is doing. */
export interface Served extends AsyncDisposable {
  /** Says from now on that others should be asked, and goes on answering. */
  leave?(): void
  /** How many requests it is answering: told when there was no time to finish. */
  readonly requestsInFlight?: number
  readonly url?: string
}
/** Reference: docs/reference/processes.md. */
export interface ProcessOptions {
  /** Starts the app: `({ role, signal }) => shop.start({ store, role, signal })`. The signal aborts when the process is to stop before it runs. */
  readonly start: (how: {
    readonly role: Role | undefined
    readonly signal: AbortSignal
  }) => Promise<Running<string, string>>
  /** What listens in a process of this role. */
  readonly serve: (
    running: Running<string, string>,
    role: Role | undefined,
  ) => Served | readonly Served[] | Promise<Served | readonly Served[]>
  /** Default: what `--role` says, else none: the process does everything. */
  readonly role?: Role | undefined
  /**
   * Milliseconds between saying "not ready" and refusing connections, for balancers to notice; fewer than `deadlineMs`. Default: 5,000 in
   * production, or a quarter of the deadline where that is less; else 0.
   */
  readonly leaveMs?: number | undefined
  /** Milliseconds from the signal in which everything has to be finished, from 1; then the process ends as it is. Default 30,000. */
  readonly deadlineMs?: number | undefined
  /** Default: lines of JSON, to standard error. */
  readonly logger?: Logger | undefined
}
export interface ProcessSettings {
  readonly role: Role | undefined
  readonly leaveMs: number
  readonly deadlineMs: number
}

/** Errors: plain ones. */
export function processSettings(options: ProcessOptions): ProcessSettings {
  checkOptions(options, ['start', 'serve', 'role', 'leaveMs', 'deadlineMs', 'logger'], 'runProcess')
  for (const name of ['start', 'serve'] as const)
    if (typeof options[name] !== 'function') throw new Error(`runProcess: expected ${name} to be a function.`)
  const whole = wholeOption('runProcess')
  const deadlineMs = whole('deadlineMs', options.deadlineMs ?? 30_000, 1, 86_400_000)
  return {
    role: options.role ?? roleOf(process.argv.slice(2)),
    deadlineMs,
    leaveMs: whole('leaveMs', options.leaveMs ?? leaveMsDefault(deadlineMs), 0, deadlineMs - 1),
  }
}

function leaveMsDefault(deadlineMs: number): number {
  return inProduction(undefined) ? Math.min(5_000, Math.floor(deadlineMs / 4)) : 0
}

export function loggerOf({ logger }: Partial<ProcessOptions>): Logger {
  return logger ?? standardErrorLogger
}
