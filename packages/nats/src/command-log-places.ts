// The order of recording, and its index: one small message per command whose sequence is its place and whose subject says what it is
// asked by: `<tenant>.<type>.<correlation>.<id>`. It holds the time of the record.
import type { JsMsg } from '@nats-io/jetstream'
import { correlationIdOf } from '@gesta/core/ports'
import type { CommandFilter, CommandRecord } from '@gesta/core/ports'
import { eraseMessage } from './command-log-bodies.ts'
import { readMessages } from './command-log-reader.ts'
import type { Stretch } from './command-log-reader.ts'
import type { LogStreams } from './command-log-streams.ts'
import { tokenOf } from './names.ts'

export interface Place {
  readonly place: number
  /** As of `commandToken`. */
  readonly token: string
  /** When the server stored it, microseconds UTC. */
  readonly storedAt: number
  /** Of the record; absent when only its head knows. */
  readonly recordedAt: number | undefined
}

export interface Places {
  /** Sent before it returns; resolves with the place. */
  add(record: CommandRecord): Promise<number>
  erase(place: number): Promise<void>
  /** The places of a stretch that `tokens` of `placeTokensOf` name, in their order. */
  read(tokens: string, stretch: Stretch): Promise<readonly Place[]>
  /** The stretch that all places lie in. */
  extent(): Promise<Stretch>
}

const none = '='

/** The end of the subject of a place. Two records with the same one are found by the same questions. */
export function placeToken({ tenant, commandId, commandType, context }: CommandToPlace): string {
  const correlationId = correlationIdOf(context)
  // No name becomes the token of nothing.
  const correlation = correlationId === undefined ? none : tokenOf(correlationId)
  return [tokenOf(tenant), tokenOf(commandType), correlation, tokenOf(commandId)].join('.')
}
type CommandToPlace = Pick<CommandRecord, 'tenant' | 'commandId' | 'commandType' | 'context'>

/** The ends of the subjects that all commands of a filter have, and few others. */
export function placeTokensOf({ tenant, commandType, correlationId }: CommandFilter): readonly string[] {
  const [ofTenant, ofType] = [tenant, commandType].map((name) => (name === undefined ? '*' : tokenOf(name)))
  if (correlationId === undefined) return [`${ofTenant}.${ofType}.*.*`]
  const token = tokenOf(correlationId)
  // The one that began it may carry another one.
  return [`${ofTenant}.${ofType}.${token}.*`, `${ofTenant}.${ofType}.*.${token}`]
}

export function createPlaces({ names, connection, ask, publish }: LogStreams): Places {
  const { stream, subject } = names.places
  const placeAt = (message: JsMsg): Place => {
    const [tenant, , , commandId] = message.subject.slice(subject.length + 1).split('.')
    const storedAt = Math.floor(message.info.timestampNanos / 1000)
    return { place: message.seq, token: `${tenant}.${commandId}`, storedAt, recordedAt: Number(message.string()) }
  }
  return {
    add: async (record) =>
      (await publish(`${subject}.${placeToken(record)}`, Buffer.from(String(record.recordedAt)))) as number,
    erase: (place) => ask((manager) => eraseMessage(manager, stream, place)),
    read: async (tokens, stretch) =>
      (await readMessages({ connection, ask }, stream, `${subject}.${tokens}`, stretch)).map(placeAt),
    extent: async () => {
      const { state } = await ask((manager) => manager.streams.info(stream))
      return [state.first_seq, state.last_seq + 1]
    },
  }
}
