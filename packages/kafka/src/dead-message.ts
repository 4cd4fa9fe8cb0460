// A dead letter as a message: the message as it was, with headers that say where it comes from and why it was given up.
import { isGestaError } from '@gesta/core/ports'
import type { EnvelopeDraft } from '@gesta/core/ports'
import { envelopeOf, groupHeader, headerOf } from './messages.ts'
import type { Header, Message } from './messages.ts'
import type { Delivery } from './partition.ts'
import type { ReadMessage } from './records.ts'

export interface DeadLetter {
  /** Its place among the dead letters of its group, rising. */
  readonly place: bigint
  /** Codes and names of what failed last, without messages. */
  readonly reason: string
  /** Failed deliveries; 0 for one that cannot be read. */
  readonly attempts: number
  /** RFC 3339: when it was given up. */
  readonly diedAt: string
  /** Where it was in its topic. */
  readonly partition: number
  readonly offset: bigint
  /** Absent when it cannot be read. */
  readonly event?: EnvelopeDraft | undefined
}

const names = {
  reason: 'gesta-dead-reason',
  attempts: 'gesta-dead-attempts',
  at: 'gesta-dead-at',
  topic: 'gesta-dead-topic',
  partition: 'gesta-dead-partition',
  offset: 'gesta-dead-offset',
  valueLeftOut: 'gesta-dead-value-left-out',
} as const
const own: ReadonlySet<string> = new Set([...Object.values(names), groupHeader])
/** Dead letters have one order. */
const partition = 0

export function deadMessage(deadTopic: string, { message, offset, doom, attempts }: Delivery, diedAt: string): Message {
  return {
    topic: deadTopic,
    partition,
    key: message.key,
    value: message.value,
    headers: [
      ...foreignHeaders(message),
      header(names.reason, doom ?? ''),
      header(names.attempts, String(attempts)),
      header(names.at, diedAt),
      header(names.topic, message.topic),
      header(names.partition, String(message.partition ?? 0)),
      header(names.offset, String(offset)),
    ],
  }
}

/** For a message so large that these headers are too much: it is still in its topic, where they say. */
export function withoutValue(message: Message): Message {
  return { ...message, value: Buffer.alloc(0), headers: [...message.headers, header(names.valueLeftOut, 'true')] }
}

export function letterOf({ offset, message }: ReadMessage): DeadLetter {
  return {
    place: offset,
    reason: headerOf(message, names.reason) ?? '',
    attempts: Number(headerOf(message, names.attempts) ?? 0),
    diedAt: headerOf(message, names.at) ?? '',
    partition: Number(headerOf(message, names.partition) ?? 0),
    offset: BigInt(headerOf(message, names.offset) ?? 0),
    event: readable(message),
  }
}

/** The message as it was, for its group alone; `undefined` when its value is not here. */
export function messagePutBack({ message }: ReadMessage, topic: string, group: string): Message | undefined {
  if (headerOf(message, names.valueLeftOut) !== undefined) return undefined
  return {
    topic,
    partition: Number(headerOf(message, names.partition) ?? 0),
    key: message.key,
    value: message.value,
    headers: [...foreignHeaders(message), header(groupHeader, group)],
  }
}

function readable(message: Message): EnvelopeDraft | undefined {
  try {
    return envelopeOf(message)
  } catch (error) {
    if (isGestaError(error, 'event_unreadable')) return undefined
    throw error
  }
}

function foreignHeaders({ headers }: Message): readonly Header[] {
  return headers.filter(([name]) => !own.has(name.toString()))
}

function header(name: string, text: string): Header {
  return [Buffer.from(name), Buffer.from(text)]
}
