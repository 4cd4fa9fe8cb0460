// Topics on core NATS: what is published goes to whoever listens at that moment, at most once, and is stored nowhere.
import type { Msg, MsgCallback, NatsConnection } from '@nats-io/transport-node'
import { checkKey, checkOptions, checkWhole, unlessAborted } from '@gesta/core/ports'
import type { BackendRuntime, Broker, EnvelopeDraft, Subscription, TopicBus, TransportFacts } from '@gesta/core/ports'
import { connectionOptionNames, connectionSettings } from './connection-options.ts'
import type { ConnectionSettings, NatsConnectionOptions } from './connection-options.ts'
import { inTime, openConnection } from './connection.ts'
import type { Connection } from './connection.ts'
import { checkSizes, decodeMessage, encodeMessage, publishedAt } from './message.ts'
import { namesOf, tokenOf } from './names.ts'
import { brokerClosed, natsError } from './nats-errors.ts'
import { checkOneOf } from './stream-options.ts'

export interface NatsCoreBusOptions extends NatsConnectionOptions {
  /** Whether this bus gets what it publishes itself. Default `false`: other processes get it. */
  readonly echo?: boolean | undefined
  /** Events that may wait in one receiver, 1 to 1,000,000; what comes while it is full is dropped and counted. Default 10,000. */
  readonly waitingEventsMax?: number | undefined
  /** Events in one batch, 1 to 10,000. Default 100. */
  readonly batchEventsMax?: number | undefined
}

/** A receiver that tells what it could not take. */
export interface NatsCoreSubscription extends Subscription {
  /** Events that came while it was full, or that could not be read. */
  readonly dropped: number
}
export interface NatsCoreTopicBus extends TopicBus {
  subscribe(topic: string, group: string): Promise<NatsCoreSubscription>
}
/** Nothing is opened before `open` is called. */
export interface NatsCoreBus {
  readonly backend: 'nats-core'
  /** Errors: `broker_unavailable` when no server answers. */
  open(runtime: BackendRuntime): Promise<NatsCoreTopicBus>
}
interface Settings extends ConnectionSettings {
  readonly echo: boolean
  readonly waitingEventsMax: number
  readonly batchEventsMax: number
}

/**
 * Topics on core NATS: **at most once**. Whoever is not connected at that moment misses an event, for ever; nothing is stored,
 * acknowledged or delivered again. A group is a queue group: one of its receivers gets each event. For what may be missed, such as
 * presentation events between processes. Errors: plain ones for options.
 * Reference: docs/reference/nats.md.
 */
export function natsCoreBus(options: NatsCoreBusOptions): NatsCoreBus {
  checkOptions(options, [...connectionOptionNames, 'echo', 'waitingEventsMax', 'batchEventsMax'], 'natsCoreBus()')
  const { echo = false, waitingEventsMax = 10_000, batchEventsMax = 100 } = options
  checkOneOf(echo, 'echo', [true, false])
  checkWhole(waitingEventsMax, 'option waitingEventsMax', 1, 1_000_000)
  checkWhole(batchEventsMax, 'option batchEventsMax', 1, 10_000)
  const settings: Settings = { ...connectionSettings(options), echo, waitingEventsMax, batchEventsMax }
  return {
    backend: 'nats-core',
    open: async (runtime) => {
      const connection = await openConnection({ ...settings, noEcho: !echo }, runtime)
      return createCoreBus(connection, settings, runtime)
    },
  }
}

function createCoreBus(
  connection: Connection,
  { prefix, format, waitingEventsMax, batchEventsMax }: Settings,
  { clock }: BackendRuntime,
): NatsCoreTopicBus {
  const { address, timeoutMs } = connection
  const receivers = new Set<Subscription>()
  /** One question for all who published in the same turn. */
  let flushing: Promise<void> | undefined
  const flushed = (client: NatsConnection): Promise<void> => {
    flushing ??= Promise.resolve().then(async () => {
      flushing = undefined
      try {
        await inTime(clock, timeoutMs, client.flush())
      } catch (error) {
        throw natsError(error, address)
      }
    })
    return flushing
  }
  const publisher = (topic: string, source: string): Broker => {
    const { subject } = namesOf(topic, prefix)
    return {
      publishEvents: async (events, { context, signal }) => {
        const client = connection.use()
        signal.throwIfAborted()
        if (events.length === 0) return
        const facts: TransportFacts = { traceparent: context.traceparent, source, publishedAt: publishedAt(clock) }
        const messages = events.map((event) => encodeMessage(event, { subject, format, withMessageId: false }, facts))
        checkSizes(messages, connection.bytesMax())
        for (const { subject: to, body, headers } of messages) client.publish(to, body, { headers })
        await flushed(client)
      },
    }
  }
  return {
    publisher: (topic, { source }) => {
      checkKey(topic, 'topic')
      checkKey(source, 'source')
      return publisher(topic, source)
    },
    subscribe: async (topic, group) => {
      checkKey(topic, 'topic')
      checkKey(group, 'group')
      const receiver = createCoreReceiver(waitingEventsMax, batchEventsMax)
      const { subject } = namesOf(topic, prefix)
      const listenOn = (client: NatsConnection): { readonly client: NatsConnection; end(): void } => {
        const heard = client.subscribe(`${subject}.>`, { queue: tokenOf(group), callback: receiver.take })
        return { client, end: () => heard.unsubscribe() }
      }
      let listening = listenOn(connection.use())
      const endWatch = connection.watch((client) => {
        if (client !== undefined && client !== listening.client) listening = listenOn(client)
      })
      try {
        await flushed(connection.use())
      } catch (error) {
        // Nobody would receive what it gets, and it would take its share from the others of the group.
        endWatch()
        listening.end()
        throw error
      }
      const subscription: NatsCoreSubscription = {
        receiveEventBatch: receiver.receiveEventBatch,
        get dropped() {
          return receiver.dropped()
        },
        [Symbol.asyncDispose]: async () => {
          receivers.delete(subscription)
          endWatch()
          listening.end()
          receiver.leave()
        },
      }
      receivers.add(subscription)
      return subscription
    },
    removeGroup: async (topic, group) => {
      checkKey(topic, 'topic')
      checkKey(group, 'group')
      // A group is its receivers, and nothing is kept for it.
      if (connection.closed) throw brokerClosed()
    },
    [Symbol.asyncDispose]: async () => {
      if (connection.closed) return
      await Promise.all([...receivers].map((receiver) => receiver[Symbol.asyncDispose]()))
      await connection[Symbol.asyncDispose]()
    },
  }
}

interface CoreReceiver extends Pick<Subscription, 'receiveEventBatch'> {
  readonly take: MsgCallback<Msg>
  dropped(): number
  leave(): void
}

/** A bounded list of what has come. */
function createCoreReceiver(waitingEventsMax: number, batchEventsMax: number): CoreReceiver {
  const waiting: EnvelopeDraft[] = []
  let dropped = 0
  let left = false
  let change = Promise.withResolvers<void>()
  const wake = (): void => {
    const { resolve } = change
    change = Promise.withResolvers<void>()
    resolve()
  }
  return {
    take: (error, message) => {
      if (error !== null || left) return
      try {
        if (waiting.length >= waitingEventsMax) throw new Error('full')
        waiting.push(decodeMessage(message))
      } catch {
        dropped += 1
      }
      wake()
    },
    dropped: () => dropped,
    leave: () => {
      left = true
      wake()
    },
    receiveEventBatch: async ({ signal }) => {
      for (;;) {
        signal.throwIfAborted()
        if (left) return undefined
        if (waiting.length > 0) return { events: waiting.splice(0, batchEventsMax) }
        await unlessAborted(signal, change.promise)
      }
    },
  }
}
