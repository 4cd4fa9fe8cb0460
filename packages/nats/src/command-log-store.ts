// The store of a command log: its parts, put together over the streams.
import { checkKey, checkRecords, checkTenant, newLogIdentity, purgeOf, storeClosed } from '@gesta/core/ports'
import type { BackendRuntime, CommandLogStore, LogIdentity } from '@gesta/core/ports'
import { createBlocks } from './command-log-blocks.ts'
import { createBodies } from './command-log-bodies.ts'
import { createForgetting } from './command-log-forgetting.ts'
import { createHeads } from './command-log-heads.ts'
import { commandToken } from './command-log-options.ts'
import type { CommandLogSettings } from './command-log-options.ts'
import { createPlaces } from './command-log-places.ts'
import { createReading } from './command-log-reading.ts'
import { recordAll } from './command-log-recording.ts'
import type { LogParts } from './command-log-recording.ts'
import type { LogStreams } from './command-log-streams.ts'

/** Closes the connection of the streams when it is closed. `placesPerBlock`: for tests, which have no thousands of records. */
export async function createCommandLogStore(
  streams: LogStreams,
  { codec, log }: Pick<CommandLogSettings, 'codec' | 'log'>,
  { clock, ids }: BackendRuntime,
  placesPerBlock?: number,
): Promise<CommandLogStore> {
  const { connection } = streams
  const parts: LogParts = {
    heads: createHeads(streams),
    bodies: createBodies(streams),
    places: createPlaces(streams),
    blocks: createBlocks(streams, placesPerBlock),
  }
  const identity = await parts.heads.agree('identity', JSON.stringify(newLogIdentity(ids)))
  const reading = createReading(parts, JSON.parse(identity) as LogIdentity, codec)
  const forgetting = createForgetting(parts, reading, codec, clock)
  const tokenOfCommand = (tenant: string, commandId: string): string => {
    checkTenant(tenant)
    checkKey(commandId, 'command id')
    return commandToken({ tenant, commandId })
  }
  const checkOpen = (): void => {
    if (connection.closed) throw storeClosed()
  }
  return {
    info: async () => {
      const items = await parts.heads.count()
      return { store: 'command-log', backend: 'nats', readOnly: false, items, details: { log, codec: codec.name } }
    },
    record: async (records) => {
      checkOpen()
      checkRecords(records)
      await recordAll(parts, records, codec)
    },
    get: async (tenant, commandId) => reading.get(tokenOfCommand(tenant, commandId)),
    list: async (filter, page) => {
      checkOpen()
      return reading.list(filter, page)
    },
    total: async (filter = {}) => {
      checkOpen()
      return reading.total(filter)
    },
    redact: async (tenant, commandId) => forgetting.redact(tokenOfCommand(tenant, commandId)),
    purge: async (request) => forgetting.purge(purgeOf(request)),
    [Symbol.asyncDispose]: async () => connection[Symbol.asyncDispose](),
  }
}
