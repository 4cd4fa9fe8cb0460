// A dead letter as a message: the message as it was, with headers that say where it comes from and why it was given up.
import { isGestaError } from '@gesta/core/ports'
import type { EnvelopeDraft } from '@gesta/core/ports'
import { envelopeOf, groupHeader, headerOf } from './messages.ts'
import type { Header, Message } from './messages.ts'
import type { Delivery } from './partition.ts'
import type { ReadMessage } from './records.ts'

export interface DeadLetter {
  /** Names it here; the next one's is larger. */
  readonly id: number
  /** Where it was in its topic. */
  readonly partition: number
  readonly offset: number
  /** Absent when it cannot be read. */
  readonly event: EnvelopeDraft | undefined
  /** Deliveries that failed; 0 for one that cannot be read. */
  readonly deliveries: number
  /** Codes and names along the chain of causes. */
  readonly reason: string
  /** Microseconds UTC. */
  readonly diedAt: number
}

const names = {
  reason: 'gesta-dead-reason',
  deliveries: 'gesta-dead-deliveries',
  at: 'gesta-dead-at',
  topic: 'gesta-dead-topic',
  partition: 'gesta-dead-partition',
  offset: 'gesta-dead-offset',
  valueLeftOut: 'gesta-dead-value-left-out',
} as const
const own: ReadonlySet<string> = new Set([...Object.values(names), groupHeader])
/** Dead letters have one order. */
const partition = 0

export function deadMessage(deadTopic: string, { message, offset, doom, attempts }: Delivery, diedAt: number): Message {
  return {
    topic: deadTopic,
    partition,
    key: message.key,
    value: message.value,
    headers: [
      ...foreignHeaders(message),
      header(names.reason, doom ?? ''),
      header(names.deliveries, String(attempts)),
      header(names.at, String(diedAt)),
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
  const number = (name: string): number => Number(headerOf(message, name) ?? 0)
  return {
    id: Number(offset),
    partition: number(names.partition),
    offset: number(names.offset),
    event: readable(message),
    deliveries: number(names.deliveries),
    reason: headerOf(message, names.reason) ?? '',
    diedAt: number(names.at),
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
