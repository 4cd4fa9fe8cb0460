// What tests of the command log are written with: records, logs over streams that can be looked into, and a plain list.
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import type { CommandFilter, CommandLog, CommandLogStore, CommandRecord } from '@gesta/core/ports'
import { commandLogSettings, logNames } from '../src/command-log-options.ts'
import type { NatsCommandLogOptions } from '../src/command-log-options.ts'
import { createCommandLogStore } from '../src/command-log-store.ts'
import { openLogStreams } from '../src/command-log-streams.ts'
import type { LogStreams } from '../src/command-log-streams.ts'
import { openConnection } from '../src/connection.ts'
import { runtime } from './runtime.ts'

export const startUs = 1_700_000_000_000_000

export function command(number: number, fields: Partial<CommandRecord> = {}): CommandRecord {
  return {
    tenant: 'shop',
    commandId: `command-${number}`,
    commandType: 'Order.Place',
    status: 'accepted',
    recordedAt: startUs + number,
    durationUs: 1,
    context: '{}',
    payload: `{"number":${number}}`,
    metadata: {},
    error: undefined,
    permission: undefined,
    idempotencyKey: undefined,
    duplicateOf: undefined,
    retries: 0,
    events: [],
    messages: [],
    jobs: [],
    redacted: [],
    truncated: [],
    commitNo: undefined,
    ...fields,
  }
}
export const commandsFrom = (first: number, last: number): readonly CommandRecord[] =>
  Array.from({ length: last - first + 1 }, (_, index) => command(first + index))

interface Inside {
  /** What the streams are handed through. */
  readonly between?: ((streams: LogStreams) => LogStreams) | undefined
  readonly placesPerBlock?: number | undefined
  /** How far its clock is ahead, in microseconds. */
  readonly aheadUs?: number | undefined
}
/** A log whose inside can be looked at, and changed. */
export async function openLog(
  options: NatsCommandLogOptions,
  { between = (streams) => streams, placesPerBlock, aheadUs = 0 }: Inside = {},
): Promise<CommandLogStore> {
  const settings = commandLogSettings(options)
  const streams = await openLogStreams(await openConnection(settings, runtime), settings, runtime.clock)
  const clock = { ...runtime.clock, nowUs: () => runtime.clock.nowUs() + aheadUs }
  return createCommandLogStore(between(streams), settings, { ...runtime, clock }, placesPerBlock)
}

/** The whole list, page by page. */
export async function everyRecord(
  log: CommandLog,
  filter: CommandFilter = { order: 'oldest' },
  limit = 100,
): Promise<readonly CommandRecord[]> {
  const records: CommandRecord[] = []
  let cursor: string | undefined
  do {
    const page = await log.list(filter, { cursor, limit })
    records.push(...page.items)
    ;({ cursor } = page)
  } while (cursor !== undefined)
  return records
}

/** All that lies in the streams of a log, message by message. */
export async function rawMessages(
  options: NatsCommandLogOptions,
): Promise<Record<'heads' | 'bodies' | 'places' | 'blocks', readonly string[]>> {
  const names = logNames(commandLogSettings(options))
  await using client = await connect({ servers: new URL(String(options.servers)).host })
  const manager = await jetstreamManager(client, { checkAPI: false })
  const messagesOf = async (stream: string): Promise<readonly string[]> => {
    const { state } = await manager.streams.info(stream)
    const found: string[] = []
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      const message = await manager.streams.getMessage(stream, { seq })
      if (message !== null) found.push(`${message.subject} ${message.string()}`)
    }
    return found
  }
  return {
    heads: await messagesOf(names.heads.stream),
    bodies: await messagesOf(names.bodies.stream),
    places: await messagesOf(names.places.stream),
    blocks: await messagesOf(names.blocks.stream),
  }
}
