// The options of the topic bus and of the single broker: what they mean, and what is refused.
import { checkWhole, wireFormats } from '@gesta/core/ports'
import type { Backoff, WireFormat } from '@gesta/core/ports'
import { sequenceUses } from './entry.ts'
import type { SequenceUse } from './entry.ts'
import { addressOf } from './server-address.ts'

/** What everything that publishes is told. */
export interface RedisPublishingOptions {
  /** `redis://[user:password@]host[:port][/database]`, or `rediss://` over TLS. It is shown in no error. */
  readonly url: string
  /** What all keys in Redis begin with; whoever publishes and receives needs the same. Default `gesta:`. */
  readonly prefix?: string | undefined
  /** How events are written; receivers read all formats. Default `envelope`. */
  readonly format?: WireFormat | undefined
  /**
   * What an event's place in its sender's log is good for; without effect on events that have none. `known`: a repetition within ten
   * minutes, of the last 10,000 events, is recognised and published once; what comes late is put at the end. `strict`: and what comes
   * late is refused, for a sender that sends all of one log in one order, as the relay of an app does not. `ignored`: every event is a
   * new one. Default `known`.
   */
  readonly sequence?: SequenceUse | undefined
  /** Bytes of one event, with its headers, 1,024 to 67,108,864. Default 2,097,152. */
  readonly eventBytesMax?: number | undefined
  /** Events that the stream of a topic may hold, from 1; a batch that would be more is refused as `broker_unavailable`. Default 1,000,000. */
  readonly eventsMax?: number | undefined
  /** Milliseconds that a call waits for a connection, and then for an answer, 1 to 60,000. Default 5,000. */
  readonly timeoutMs?: number | undefined
}
export const publishingOptionNames: readonly string[] = [
  'url',
  'prefix',
  'format',
  'sequence',
  'eventBytesMax',
  'eventsMax',
  'timeoutMs',
]

export interface RedisBusOptions extends RedisPublishingOptions {
  /** Where a new group begins: with the oldest event that the topic still has, or with those that come. Default `oldest`. */
  readonly start?: 'oldest' | 'now' | undefined
  /**
   * Whether the receivers of a group have batches at the same time. Default `false`: one of them at a time has one, and what it gave back
   * comes again before anything else; the others stand by.
   */
  readonly unordered?: boolean | undefined
  /**
   * Milliseconds after which what a receiver has in hand goes to another one, when its process gives no sign of life, 100 to 86,400,000.
   * A handler may take longer; a process that does nothing else meanwhile may not. Default 30,000.
   */
  readonly claimAfterMs?: number | undefined
  /** Failed deliveries after which an event becomes a dead letter, from 1. Default 10. */
  readonly attemptsMax?: number | undefined
  /** How long a batch that was given back waits: doubles with each failed delivery, with full jitter. Default from 100 ms to 30 s. */
  readonly backoff?: Backoff | undefined
  /** Events of one batch, 1 to 1,000. Default 100. */
  readonly batchEventsMax?: number | undefined
}
export const busOptionNames: readonly string[] = [
  ...publishingOptionNames,
  'start',
  'unordered',
  'claimAfterMs',
  'attemptsMax',
  'backoff',
  'batchEventsMax',
]

export interface PublishingSettings {
  readonly connection: { readonly url: string; readonly timeoutMs: number }
  readonly prefix: string
  readonly format: WireFormat
  readonly sequence: SequenceUse
  readonly eventBytesMax: number
  readonly eventsMax: number
}

export function publishingSettings(options: RedisPublishingOptions): PublishingSettings {
  const { url, prefix = 'gesta:', format = 'envelope', sequence = 'known' } = options
  const { eventBytesMax = 2_097_152, eventsMax = 1_000_000, timeoutMs = 5000 } = options
  addressOf(url)
  checkPrefix(prefix)
  checkOneOf(format, 'format', wireFormats)
  checkOneOf(sequence, 'sequence', sequenceUses)
  checkWhole(eventBytesMax, 'option eventBytesMax', 1024, 67_108_864)
  checkWhole(eventsMax, 'option eventsMax', 1)
  checkWhole(timeoutMs, 'option timeoutMs', 1, 60_000)
  return { connection: { url, timeoutMs }, prefix, format, sequence, eventBytesMax, eventsMax }
}

export function checkPrefix(prefix: string): void {
  if (prefix === '' || !prefix.isWellFormed())
    throw new Error('Expected a prefix of at least one character, received none.')
}

export function checkOneOf(value: unknown, option: string, known: readonly unknown[]): void {
  if (known.includes(value)) return
  throw new Error(`Expected ${option} to be one of ${known.join(', ')}, received another value.`)
}

export function checkBackoff({ firstMs, maxMs }: Backoff): void {
  checkWhole(firstMs, 'option backoff.firstMs', 0, 86_400_000)
  checkWhole(maxMs, 'option backoff.maxMs', firstMs, 86_400_000)
}
