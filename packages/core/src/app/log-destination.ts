// The way of an application's own logger into the log store of a started app.
import { checkOptions } from '../schema/options.ts'
import { createLogDestination } from '../stores/log/log-destination.ts'
import type { LogDestination, LogDestinationOptions } from '../stores/log/log-destination.ts'
import type { AppStores } from './running.ts'
import { systemRuntime } from './system.ts'

/**
 * A destination for pino, or for any logger that writes JSON lines: `pino(logDestination(running))`. Lines reach the store in
 * batches; what it does not take in time is dropped and counted. Close it before the app. Reference: docs/reference/log-store.md.
 */
export function logDestination(
  running: { readonly stores: Pick<AppStores, 'log'> },
  options: LogDestinationOptions = {},
): LogDestination {
  checkOptions(options, ['waitingMax', 'gatherMs'], 'logDestination()')
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
      throw new Error(`Expected ${name} of logDestination() to be a whole number from 0, received ${String(value)}.`)
  }
  return createLogDestination(running.stores.log, systemRuntime().clock, options)
}
