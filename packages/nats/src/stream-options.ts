// What streams and groups are made with, checked once.
import { checkOptions, checkWhole } from '@gesta/core/ports'
import type { Backoff } from '@gesta/core/ports'

/** Of the stream of a topic, when it is made. A stream that is there already stays as it is: change it with NATS's own tools. */
export interface NatsStreamOptions {
  /**
   * Milliseconds that events are kept, 60,000 to 3,153,600,000,000. A group that is further behind misses what is older.
   * Default 604,800,000 (7 days).
   */
  readonly keptMs?: number | undefined
  /** Servers of the cluster that hold a copy, 1 to 5. Default 1. */
  readonly replicas?: number | undefined
  /** `file`, or `memory`, which does not outlive the server. Default `file`. */
  readonly storage?: 'file' | 'memory' | undefined
  /**
   * Milliseconds within which an event that is published again under its id is dropped, 100 to 86,400,000; `false`: none is dropped.
   * Default 120,000.
   */
  readonly deduplicationMs?: number | false | undefined
  /**
   * Whether the events of one batch are sent without waiting for each other's acknowledgement: quicker by as many round trips, but a later
   * one can be stored without an earlier one, when a cluster changes its leader in the middle or the stream is full. Default `false`.
   */
  readonly pipelined?: boolean | undefined
}
export const streamOptionNames = ['keptMs', 'replicas', 'storage', 'deduplicationMs', 'pipelined'] as const

/** Of groups, and of those who receive in them. */
export interface NatsGroupOptions {
  /** Where a new group begins: with what is published from now on, or with the oldest event that is kept. Default `now`. */
  readonly start?: 'now' | 'oldest' | undefined
  /**
   * Whether a receiver may be asked for further batches while others are in hand, and what was given back waits while later events go on.
   * Default `false`: one event in hand, over all receivers, and what was given back comes again first.
   */
  readonly unordered?: boolean | undefined
  /** Events of one batch of an `unordered` group, 1 to 10,000; other groups give one event at a time. Default 100. */
  readonly batchEventsMax?: number | undefined
  /**
   * Milliseconds after which the server gives what a receiver has in hand to another one when its process gives no sign of life, 100 to
   * 3,600,000. A handler may take longer; a process that does nothing else meanwhile may not. Fixed when the group is made. Default 30,000.
   */
  readonly ackWaitMs?: number | undefined
  /** Failed deliveries after which an event becomes a dead letter, 1 to 1,000,000. Default 10. */
  readonly attemptsMax?: number | undefined
  /** How long a batch that was given back waits: doubles with each failed delivery, with full jitter. Default from 100 ms to 30 s. */
  readonly backoff?: Backoff | undefined
}
export const groupOptionNames = ['start', 'unordered', 'batchEventsMax', 'ackWaitMs', 'attemptsMax', 'backoff'] as const

type Settled<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> }
export type StreamSettings = Settled<NatsStreamOptions>
export type GroupSettings = Settled<NatsGroupOptions>

export function streamSettings(options: NatsStreamOptions): StreamSettings {
  const { keptMs = 604_800_000, replicas = 1, storage = 'file', deduplicationMs = 120_000, pipelined = false } = options
  checkWhole(keptMs, 'option keptMs', 60_000, 3_153_600_000_000)
  checkWhole(replicas, 'option replicas', 1, 5)
  checkOneOf(storage, 'storage', ['file', 'memory'])
  if (deduplicationMs !== false)
    checkWhole(deduplicationMs, 'option deduplicationMs', 100, Math.min(keptMs, 86_400_000))
  checkOneOf(pipelined, 'pipelined', [true, false])
  return { keptMs, replicas, storage, deduplicationMs, pipelined }
}

export function groupSettings(options: NatsGroupOptions): GroupSettings {
  const { start = 'now', unordered = false, batchEventsMax = 100, ackWaitMs = 30_000, attemptsMax = 10 } = options
  const { backoff = { firstMs: 100, maxMs: 30_000 } } = options
  checkOneOf(start, 'start', ['now', 'oldest'])
  checkOneOf(unordered, 'unordered', [true, false])
  checkWhole(batchEventsMax, 'option batchEventsMax', 1, 10_000)
  checkWhole(ackWaitMs, 'option ackWaitMs', 100, 3_600_000)
  checkWhole(attemptsMax, 'option attemptsMax', 1, 1_000_000)
  checkWhole(backoff.firstMs, 'option backoff.firstMs', 0, 86_400_000)
  checkWhole(backoff.maxMs, 'option backoff.maxMs', backoff.firstMs, 86_400_000)
  return { start, unordered, batchEventsMax, ackWaitMs, attemptsMax, backoff }
}

export function checkOneOf(value: unknown, option: string, known: readonly unknown[]): void {
  if (known.includes(value)) return
  throw new Error(`Expected the option ${option} to be one of ${known.join(', ')}, received another value.`)
}

/** Throws plain errors for options that do not exist. */
export function checkGroupOptions(options: NatsGroupOptions): void {
  checkOptions(options, groupOptionNames, 'subscribe()')
}
