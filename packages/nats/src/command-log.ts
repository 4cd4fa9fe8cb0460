// What an application is given: the description of a command log of its own on NATS, in streams and a key-value bucket of JetStream.
import type { BackendRuntime, CommandLogBackend, CommandLogStore } from '@gesta/core/ports'
import { commandLogSettings } from './command-log-options.ts'
import type { CommandLogSettings, NatsCommandLogOptions } from './command-log-options.ts'
import { createCommandLogStore } from './command-log-store.ts'
import { openLogStreams, storeError } from './command-log-streams.ts'
import { openConnection } from './connection.ts'

/**
 * A command log of its own on JetStream, shared by any number of processes: for `withCommandLog`, and as the copy of an app's log.
 * Errors: plain ones for options; of `open` and of the log `store_*`. Reference: docs/reference/nats.md.
 */
export function natsCommandLog(options: NatsCommandLogOptions): CommandLogBackend {
  const settings = commandLogSettings(options)
  return { backend: 'nats', open: (runtime) => openCommandLog(settings, runtime) }
}

async function openCommandLog(settings: CommandLogSettings, runtime: BackendRuntime): Promise<CommandLogStore> {
  const connection = await openConnection(settings, runtime).catch((error: unknown) => {
    throw storeError(error, settings.addresses.join(', '))
  })
  try {
    return await createCommandLogStore(await openLogStreams(connection, settings, runtime.clock), settings, runtime)
  } catch (error) {
    await connection[Symbol.asyncDispose]()
    throw error
  }
}
