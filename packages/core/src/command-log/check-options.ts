// What start() refuses in the options of the command log.
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import { outcomeKinds } from '../stores/command-log/command-record.ts'
import type { CommandStatus } from '../stores/command-log/command-record.ts'
import type { CommandLogOptions } from './options.ts'

const statuses: readonly CommandStatus[] = ['started', ...outcomeKinds]

/** Errors: plain ones, and a `RangeError` for numbers. */
export function checkCommandLogOptions(options: CommandLogOptions, app: string): void {
  checkOptions(options, ['metadata', 'anonymousPerSecond', 'retention', 'copyTo'], `commandLog of the app ${app}`)
  const { metadata, anonymousPerSecond = 0, retention = [], copyTo } = options
  if (metadata !== undefined && typeof metadata !== 'function')
    throw new Error(`Expected commandLog.metadata to be a function, received ${typeof metadata}.`)
  checkWhole(anonymousPerSecond, 'option commandLog.anonymousPerSecond', 0)
  for (const rule of retention) {
    checkOptions(rule, ['olderThanMs', 'statuses'], `commandLog.retention of the app ${app}`)
    checkWhole(rule.olderThanMs, 'option olderThanMs of commandLog.retention', 0)
    const unknown = rule.statuses?.find((status) => !statuses.includes(status))
    if (unknown !== undefined)
      throw new Error(
        `Expected statuses of commandLog.retention to be among ${statuses.join(', ')}, received "${unknown}".`,
      )
  }
  if (copyTo !== undefined && typeof copyTo.open !== 'function')
    throw new Error(
      'Expected commandLog.copyTo to be a command log such as natsCommandLog(...), received something else.',
    )
}
