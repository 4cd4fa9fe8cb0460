// Where failures of the server are written, with the id that the caller was told.
import { inspect } from 'node:util'

/** What `serve` needs of a logger; pino, and most others, have this form. */
export interface Logger {
  /** A mistake in the app or the server: status 500. */
  error(facts: { readonly [name: string]: unknown }, message: string): void
  /** What could not be done now (503, 504, 507, a read model that diverged), and an `authenticate` that threw. */
  warn(facts: { readonly [name: string]: unknown }, message: string): void
}

/** One JSON line per entry, to standard error. */
export const standardErrorLogger: Logger = {
  error: (facts, message) => write('error', facts, message),
  warn: (facts, message) => write('warn', facts, message),
}

/** Tells a logger, whatever becomes of it: a failure to log must not become the request's. */
export function tell(
  logger: Logger,
  level: 'error' | 'warn',
  facts: { readonly [name: string]: unknown },
  message: string,
): void {
  try {
    const told: unknown = logger[level](facts, message)
    if (told instanceof Promise) told.catch(() => undefined)
  } catch {
    // There is nobody left to tell.
  }
}

function write(level: string, facts: { readonly [name: string]: unknown }, message: string): void {
  const { error, ...rest } = facts
  const shown =
    error instanceof Error ? { error: error.stack ?? String(error), cause: causeOf(error) } : { error: inspect(error) }
  process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), message, ...rest, ...shown })}\n`)
}

function causeOf(error: Error): string | undefined {
  if (error.cause === undefined) return undefined
  return error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : inspect(error.cause)
}
