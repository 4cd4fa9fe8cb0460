// Where failures of the server are written, with the id that the caller was told.
import { inspect } from 'node:util'
import { redacted } from './redacted.ts'
import type { Watcher } from './watching.ts'

/** What `serve` needs of a logger; pino, and most others, have this form. */
export interface Logger {
  /** A mistake in the app or the server: status 500. */
  error(facts: { readonly [name: string]: unknown }, message: string): void
  /** What could not be done now (503, 504, 507, a read model that diverged), and an `authenticate` that threw. */
  warn(facts: { readonly [name: string]: unknown }, message: string): void
  /** Requests that were answered, with `logRequests`, and what a process does. */
  info?(facts: { readonly [name: string]: unknown }, message: string): void
}

/** One JSON line per entry, to standard error. What looks like credentials is replaced. */
export const standardErrorLogger: Logger = {
  error: (facts, message) => write('error', facts, message),
  warn: (facts, message) => write('warn', facts, message),
  info: (facts, message) => write('info', facts, message),
}

/** Tells a logger, whatever becomes of it: a failure to log must not become the request's. */
export function tell(
  logger: Logger,
  level: 'error' | 'warn' | 'info',
  facts: { readonly [name: string]: unknown },
  message: string,
): void {
  try {
    const told: unknown = logger[level]?.(facts, message)
    if (told instanceof Promise) told.catch(() => undefined)
  } catch {
    // There is nobody left to tell.
  }
}

/** One line for every request: its route, never its path, which may hold what identifies people. */
export function requestLog(logger: Logger): Watcher {
  return (end) => {
    const durationMs = Math.round(end.durationMs * 1000) / 1000
    tell(logger, 'info', { ...end, durationMs }, 'A request ended.')
  }
}

function write(level: string, facts: { readonly [name: string]: unknown }, message: string): void {
  const { error, ...rest } = facts
  const shown =
    error instanceof Error
      ? { error: error.stack ?? String(error), cause: causeOf(error) }
      : error === undefined
        ? {}
        : { error: inspect(error) }
  const line = { level, time: new Date().toISOString(), message, ...rest, ...shown }
  process.stderr.write(
    `${JSON.stringify(line, (_, value: unknown) => (typeof value === 'string' ? redacted(value) : value))}\n`,
  )
}

function causeOf(error: Error): string | undefined {
  if (error.cause === undefined) return undefined
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : inspect(error.cause)
}
