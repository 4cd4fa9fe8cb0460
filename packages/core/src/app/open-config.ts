// Opens a configuration with the clock of this process.
import type { Config, ConfigOptions } from '../config/config.ts'
import type { ConfigDefinition } from '../config/definition.ts'
import { openManager } from '../config/manager.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import { systemRuntime } from './system.ts'

/**
 * Reads a configuration from its sources and follows them: what changes there is in force as soon as all of it holds.
 * Errors: `config_unreadable`, `config_invalid`, `secret_unavailable`, each with all problems at once; plain ones for options.
 * Reference: docs/reference/configuration.md.
 */
export function openConfig<Values>(
  definition: ConfigDefinition<Values>,
  options: ConfigOptions = {},
  runtime: Pick<BackendRuntime, 'clock'> = systemRuntime(),
): Promise<Config<Values>> {
  return openManager(definition, options, runtime.clock)
}
