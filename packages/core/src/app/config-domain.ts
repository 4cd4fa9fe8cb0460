// The domain through which administrators look at and set the configuration: an app has it when it lists it.
import { ConfigSet } from '../config/config-contracts.ts'
import { configHandlers } from '../config/config-handlers.ts'
import type { ConfigContract } from '../config/config-handlers.ts'
import { ConfigProcessStream, configProcesses, ConfigValuesStream } from '../config/config-streams.ts'
import type { Config } from '../config/config.ts'
import { follow } from '../config/follow-config.ts'
import type { FollowingApp } from '../config/follow-config.ts'
import { managerOf } from '../config/managers.ts'
import { subscriber } from '../pump/subscriber.ts'
import { systemTenant } from '../request-context/system-context.ts'
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import { domain } from './domain.ts'
import type { Domain } from './domain.ts'
import { hostOf } from './running.ts'
import { systemRuntime } from './system.ts'

/**
 * The domain `Config`, for one opened configuration: `Config.Show`, `Config.Set`, `Config.History`, `Config.Rollback` and
 * `Config.Processes`, each for whoever holds the permission of its name in the tenant `SYSTEM`. Follow it with `followConfig`.
 * Reference: docs/reference/configuration.md.
 */
export function configDomain(config: Config<unknown>): Domain<'Config', ConfigContract> {
  const manager = managerOf(config)
  const own = domain('Config', {
    handlers: configHandlers(config, manager),
    permissions: 'authorized',
    roles: ['any'],
    tenant: systemTenant,
    aggregates: [ConfigValuesStream, ConfigProcessStream],
    readModels: [configProcesses],
    // In every process, for what happens while it is there; what it missed it finds by looking.
    subscribers: [
      subscriber('Config.Follow', { durable: false }).on(ConfigSet, ({ values }, { event }) =>
        manager.ring({ version: event.version, values }),
      ),
    ],
  })
  return Object.assign(own, { configStatus: () => config.status })
}

export interface FollowConfigOptions {
  /** How this process is called in `Config.Processes`, such as `web-1`. One that starts under the name of another takes its place. Default: the role
   * and a number that no other process has, such as `worker-2`. */
  readonly process?: string | undefined
  /** Milliseconds between two looks for what no event told, 100 to 3,600,000. Default 5,000. */
  readonly pollMs?: number | undefined
}

/**
 * Takes what administrators have set, keys marked restart too, and follows it until what is returned is disposed; do so before the app.
 * @param running an app with `configDomain(config)`.
 * Errors: `store_*`, of the first look; plain ones for options. Reference: docs/reference/configuration.md.
 */
export async function followConfig(
  running: object,
  config: Config<unknown>,
  options: FollowConfigOptions = {},
): Promise<AsyncDisposable> {
  checkOptions(options, ['process', 'pollMs'], 'followConfig()')
  const { process, pollMs = 5_000 } = options
  checkWhole(pollMs, 'option pollMs', 100, 3_600_000)
  const about = { process, role: hostOf(running).role, instance: systemRuntime().ids.newId() }
  return follow({ app: running as FollowingApp, config, manager: managerOf(config), pollMs, ...about })
}
