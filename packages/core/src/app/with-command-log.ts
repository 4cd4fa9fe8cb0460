// What the command log offers to programs without an event store: its engines with this process's clock and randomness, unless others
// are given.
import { settleStarted } from '../command-log/abandon-started.ts'
import type { AbandonStartedOptions } from '../command-log/abandon-started.ts'
import type { WithCommandLogOptions } from '../command-log/bus-options.ts'
import type { CommandBus, OptionsOf, ResultOf } from '../command-log/command-bus.ts'
import { logCommands } from '../command-log/with-command-log.ts'
import type { LoggedBus } from '../command-log/with-command-log.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import type { CommandLogBackend, CommandLogStore } from '../stores/command-log/command-log-store.ts'
import { systemRuntime } from './system.ts'

interface Runtime {
  /** Default: clock, timers and randomness of this process. */
  readonly runtime?: BackendRuntime | undefined
}

/** Opens a log of its own, such as `memoryCommandLog()`. Close it after what writes to it. Errors: `store_*`. */
export async function openCommandLog(
  log: CommandLogBackend,
  { runtime = systemRuntime() }: Runtime = {},
): Promise<CommandLogStore> {
  return log.open(runtime)
}

/**
 * The same bus, with a record of each command in `store`: what was asked before it runs, what came of it after. A command under an id
 * that has its record runs all the same, and the first record stays. Of payloads the log has what `options.contracts` allow.
 * Errors: those of the bus, unchanged; `store_unavailable` with `whenDown: 'refuse'`; a plain one or a `RangeError` for options.
 * Reference: docs/reference/command-log.md.
 */
export function withCommandLog<Bus extends CommandBus>(
  bus: Bus,
  store: CommandLogStore,
  { runtime = systemRuntime(), ...options }: WithCommandLogOptions<OptionsOf<Bus>, ResultOf<Bus>> & Runtime = {},
): LoggedBus<Bus> {
  return logCommands(bus, store, options, runtime)
}

/**
 * Records `abandoned` for commands that were started before and have no outcome: their process died. How many.
 * Errors: `store_*`; a `RangeError` for a time that is none. Reference: docs/reference/command-log.md.
 */
export function abandonStarted(
  store: CommandLogStore,
  { runtime = systemRuntime(), ...options }: AbandonStartedOptions & Runtime,
): Promise<number> {
  return settleStarted(store, options, runtime.clock)
}
