// The clients of Kafka: what all of them are given, and how a call of one is bounded in time.
import { isIP } from 'node:net'
import { Admin, compatibilityPartitioner, Consumer, Producer } from '@platformatic/kafka'
import type { BaseOptions, MessageToProduce } from '@platformatic/kafka'
import type { Clock } from '@gesta/core/ports'
import { NoAnswer } from './kafka-errors.ts'
import type { Message } from './messages.ts'
import type { Settings } from './options.ts'

/** Milliseconds between attempts of a call that has not been answered. */
const retryMsMax = 500
const metadataMaxAgeMs = 5000
/** Milliseconds that a client may take to say goodbye. */
export const goodbyeMs = 1000

/**
 * `retried`: the client repeats a call until its caller gives up. Where it does not, the caller repeats, because only it knows whether
 * the call still makes sense.
 */
function clientOptions(settings: Settings, requestTimeoutMs: number, retried: boolean): BaseOptions {
  const { brokers, clientId, timeoutMs, tls, sasl } = settings
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    connectTimeout: timeoutMs,
    requestTimeout: requestTimeoutMs,
    timeout: timeoutMs,
    retries: retried ? Number.MAX_SAFE_INTEGER : 0,
    retryDelay: (_client, _operation, attempt) => Math.min(retryMsMax, 20 * 2 ** Math.min(attempt, 10)),
    metadataMaxAge: metadataMaxAgeMs,
    autocreateTopics: true,
    ...(tls === undefined ? undefined : { tls, tlsServerName: tls.servername ?? brokers.every(isNamed) }),
    ...(sasl === undefined ? undefined : { sasl: saslOf(sasl) }),
  }
}

/** Certificates are asked for by name, and an address is none. */
function isNamed(broker: string): boolean {
  return isIP(broker.slice(0, broker.lastIndexOf(':')).replace(/^\[|\]$/g, '')) === 0
}

function saslOf({
  mechanism,
  username,
  password,
  token,
}: NonNullable<Settings['sasl']>): NonNullable<BaseOptions['sasl']> {
  return {
    mechanism,
    ...(username === undefined ? undefined : { username }),
    ...(password === undefined ? undefined : { password }),
    ...(token === undefined ? undefined : { token }),
  }
}

/** Of a transactional producer; the epoch counts who has used the id. */
export interface ProducerIdentity {
  readonly producerId: bigint
  readonly producerEpoch: number
}
/** Somebody new. Without this the client asks to go on as producer 0. */
const nobody: ProducerIdentity = { producerId: -1n, producerEpoch: -1 }

/** A producer without repetitions: what it sends again, the broker drops. Keys go to partitions as with Kafka's own clients. */
export function newProducer(
  settings: Settings,
  transactionalId?: string,
  identity: ProducerIdentity = nobody,
): Producer {
  return new Producer({
    ...clientOptions(settings, settings.timeoutMs, true),
    idempotent: true,
    partitioner: compatibilityPartitioner,
    ...identity,
    ...(transactionalId === undefined ? undefined : { transactionalId }),
  })
}

export function produced({ topic, partition, key, value, headers }: Message): MessageToProduce {
  return {
    topic,
    value,
    headers: new Map(headers),
    ...(key === undefined ? undefined : { key }),
    ...(partition === undefined ? undefined : { partition }),
  }
}

/** A member of a group. It waits for its group as long as the other members may take. */
export function newMember(settings: Settings, groupId: string): Consumer {
  const { sessionMs, heartbeatMs, timeoutMs } = settings
  return new Consumer({
    ...clientOptions(settings, sessionMs + timeoutMs, false),
    groupId,
    sessionTimeout: sessionMs,
    rebalanceTimeout: sessionMs,
    heartbeatInterval: heartbeatMs,
    autocommit: false,
  })
}

/** Reads partitions and offsets, and belongs to no group: what waits for messages must not hold up what a member has to say. */
export function newReader(settings: Settings, groupId: string, retried: boolean): Consumer {
  return new Consumer({
    ...clientOptions(settings, settings.fetchWaitMs + settings.timeoutMs, retried),
    groupId,
    autocommit: false,
  })
}

export function newAdmin(settings: Settings): Admin {
  return new Admin(clientOptions(settings, settings.timeoutMs, true))
}

/** The result, or `NoAnswer` when there is none in time; whoever began the call ends it then. */
export async function inTime<Result>(
  clock: Pick<Clock, 'after'>,
  timeoutMs: number,
  work: Promise<Result>,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = clock.after(timeoutMs, () => reject(new NoAnswer(`There was no answer within ${timeoutMs} ms.`)))
  try {
    return await Promise.race([work, promise])
  } finally {
    timer.cancel()
  }
}

/** Closes a client, in time: one that waits for an answer loses its connections. */
export async function closeClient(
  client: Producer | Consumer | Admin,
  clock: Pick<Clock, 'after'>,
  withinMs: number,
): Promise<void> {
  try {
    await inTime(clock, withinMs, client.close())
  } catch {
    dropConnections(client)
  }
}

/** Calls that wait fail at once; the next ones connect again. */
export function dropConnections(client: Producer | Consumer | Admin): void {
  for (const [, connection] of client.connections) connection.close().catch(() => undefined)
}
