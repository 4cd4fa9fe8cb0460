// Where the shop's command log is copied to: the log that COMMAND_LOG names. The log itself lies with the orders, in the shop's store.
import { memoryCommandLog } from '@gesta/core'
import type { CommandLogBackend } from '@gesta/core'

/** The log of this process's environment; `undefined` without one: there is no copy. */
export async function commandLogOf(env: NodeJS.ProcessEnv): Promise<CommandLogBackend | undefined> {
  const address = env['COMMAND_LOG']
  return address === undefined || address === '' ? undefined : commandLogAt(address)
}

/** Clients are loaded when they are needed: a shop whose copy is a file does not carry those of servers. */
export async function commandLogAt(address: string): Promise<CommandLogBackend> {
  const [protocol = ''] = address.split(':', 1)
  const rest = address.slice(protocol.length + 1)
  if (address === 'memory') return memoryCommandLog()
  if (protocol === 'sqlite' && rest !== '') {
    const { sqliteCommandLog } = await import('@gesta/sqlite')
    return sqliteCommandLog(rest)
  }
  if (protocol === 'postgres') {
    const { postgresCommandLog } = await import('@gesta/postgres')
    return postgresCommandLog({ url: address })
  }
  if (protocol === 'nats') {
    const { natsCommandLog } = await import('@gesta/nats')
    return natsCommandLog({ servers: address })
  }
  // Not shown, because it may hold a password.
  throw new RangeError(
    'Expected COMMAND_LOG to be memory, sqlite:PATH, or an address like postgres://127.0.0.1/logs or nats://127.0.0.1:4222, received another text.',
  )
}
