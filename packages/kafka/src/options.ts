// What a bus or broker on Kafka is told, and what it makes of it: checked once, with every default in its place.
import type { ConnectionOptions } from 'node:tls'
import { checkOptions, wireFormats } from '@gesta/core/ports'
import type { Backoff, WireFormat } from '@gesta/core/ports'
import { checkPrefix } from './names.ts'

export interface KafkaSasl {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER'
  readonly username?: string | undefined
  /** Or what gets it each time that it is needed; it is shown in no error. */
  readonly password?: string | (() => string | Promise<string>) | undefined
  /** For OAUTHBEARER. */
  readonly token?: string | (() => string | Promise<string>) | undefined
}

export interface KafkaOptions {
  /** `host:port` of some brokers of the cluster; the others are found through them. */
  readonly brokers: readonly string[]
  /** What the brokers' logs and quotas call this client; no blanks. Default `gesta`. */
  readonly clientId?: string | undefined
  /** What the names of all topics and groups begin with: letters, digits, `.`, `_`, `-`, at most 100. Default: nothing. */
  readonly prefix?: string | undefined
  /**
   * Makes each batch a transaction, under this name. Of those who have one name only the last one that was opened publishes: the others
   * get `broker_closed`. Give each process that may run beside another one a name of its own. Default: no transactions.
   */
  readonly transactionalId?: string | undefined
  /** How events are written; all formats are read. Default `envelope`. */
  readonly format?: WireFormat | undefined
  /** Events without a key: `together`, in one partition per source, in order; `spread` by their ids, in no order. Default `together`. */
  readonly unkeyed?: 'together' | 'spread' | undefined
  /** Bytes of one message, 1,000 to 100,000,000; below `max.message.bytes` of the topics. Default 1,000,000. */
  readonly messageBytesMax?: number | undefined
  /** Failed deliveries of an event after which it becomes a dead letter, 1 to 1,000. Default 10. */
  readonly deliveriesMax?: number | undefined
  /** How long a partition rests after a failed delivery; doubles with each failure of the same event. Default: 1 s to 60 s. */
  readonly redelivery?: Backoff | undefined
  /** Milliseconds that a broker holds the answer back while there is nothing to receive, 1 to 30,000. Default 500. */
  readonly fetchWaitMs?: number | undefined
  /** Milliseconds without a sign of life after which a receiver has left its group, 1,000 to 600,000. Default 30,000. */
  readonly sessionMs?: number | undefined
  /** Milliseconds between signs of life, 100 to a third of `sessionMs`. Default 1,000, or that third. */
  readonly heartbeatMs?: number | undefined
  /** Milliseconds within which a call has its answer, or fails, 100 to 300,000. Default 10,000. */
  readonly timeoutMs?: number | undefined
  /**
   * TLS, with options of `node:tls`; `{}` for what is usual. Servers are asked for certificates by their names, unless `brokers` has an
   * IP address. Default: no TLS.
   */
  readonly tls?: ConnectionOptions | undefined
  readonly sasl?: KafkaSasl | undefined
}
export const optionNames = [
  'brokers',
  'clientId',
  'prefix',
  'transactionalId',
  'format',
  'unkeyed',
  'messageBytesMax',
  'deliveriesMax',
  'redelivery',
  'fetchWaitMs',
  'sessionMs',
  'heartbeatMs',
  'timeoutMs',
  'tls',
  'sasl',
] as const

/** The options with their defaults. */
type WithoutDefault = 'transactionalId' | 'tls' | 'sasl'
export type Settings = Pick<KafkaOptions, WithoutDefault> & {
  readonly [Option in Exclude<keyof KafkaOptions, WithoutDefault>]-?: NonNullable<KafkaOptions[Option]>
}

/** Throws a plain error for what cannot be used; it never shows what `brokers`, `tls` or `sasl` say. */
export function settingsOf(options: KafkaOptions, known: readonly string[], where: string): Settings {
  checkOptions(options, known, where)
  const settings: Settings = {
    brokers: [...options.brokers],
    clientId: options.clientId ?? 'gesta',
    prefix: options.prefix ?? '',
    transactionalId: options.transactionalId,
    format: options.format ?? 'envelope',
    unkeyed: options.unkeyed ?? 'together',
    messageBytesMax: options.messageBytesMax ?? 1_000_000,
    deliveriesMax: options.deliveriesMax ?? 10,
    redelivery: options.redelivery ?? { firstMs: 1000, maxMs: 60_000 },
    fetchWaitMs: options.fetchWaitMs ?? 500,
    sessionMs: options.sessionMs ?? 30_000,
    heartbeatMs: options.heartbeatMs ?? Math.min(1000, Math.floor((options.sessionMs ?? 30_000) / 3)),
    timeoutMs: options.timeoutMs ?? 10_000,
    tls: options.tls,
    sasl: options.sasl,
  }
  const whole = (option: keyof Settings, min: number, max: number): void =>
    checkWhole(settings[option] as number, `${option} of ${where}`, min, max)
  whole('messageBytesMax', 1000, 100_000_000)
  whole('deliveriesMax', 1, 1000)
  whole('fetchWaitMs', 1, 30_000)
  whole('sessionMs', 1000, 600_000)
  whole('heartbeatMs', 100, Math.floor(settings.sessionMs / 3))
  whole('timeoutMs', 100, 300_000)
  checkWhole(settings.redelivery.firstMs, `redelivery.firstMs of ${where}`, 1, 3_600_000)
  checkWhole(settings.redelivery.maxMs, `redelivery.maxMs of ${where}`, settings.redelivery.firstMs, 3_600_000)
  checkAmong(settings.format, wireFormats, `format of ${where}`)
  checkAmong(settings.unkeyed, ['together', 'spread'], `unkeyed of ${where}`)
  checkPrefix(settings.prefix, where)
  checkTexts(settings, where)
  return settings
}

function checkTexts({ brokers, clientId, transactionalId }: Settings, where: string): void {
  if (brokers.length === 0 || !brokers.every((broker) => /^(?:[\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i.test(broker)))
    throw new Error(
      `Expected brokers of ${where} to be a list of host:port, received something else. It is not shown, because it may hold a password.`,
    )
  if (!/^\S{1,200}$/.test(clientId))
    throw new Error(`Expected clientId of ${where} to be 1 to 200 characters without blanks, received another text.`)
  if (transactionalId !== undefined && !/^\S{1,200}$/.test(transactionalId))
    throw new Error(
      `Expected transactionalId of ${where} to be 1 to 200 characters without blanks, received another text.`,
    )
}

function checkWhole(value: number, what: string, min: number, max: number): void {
  if (!(Number.isSafeInteger(value) && value >= min && value <= max))
    throw new Error(`Expected ${what} to be a whole number from ${min} to ${max}, received ${value}.`)
}

function checkAmong(value: string, known: readonly string[], what: string): void {
  if (!known.includes(value)) throw new Error(`Expected ${what} to be one of ${known.join(', ')}, received ${value}.`)
}
