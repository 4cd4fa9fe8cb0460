// What an application is given: descriptions of a bus on JetStream, and of one topic of it as the broker of an app.
import { checkKey, checkOptions } from '@gesta/core/ports'
import type { BackendRuntime, Broker } from '@gesta/core/ports'
import { connectionOptionNames, connectionSettings } from './connection-options.ts'
import type { NatsConnectionOptions } from './connection-options.ts'
import { openConnection } from './connection.ts'
import { createNatsTopicBus } from './jetstream-bus.ts'
import type { NatsTopicBus } from './jetstream-bus.ts'
import { groupOptionNames, groupSettings, streamOptionNames, streamSettings } from './stream-options.ts'
import type { NatsGroupOptions, NatsStreamOptions } from './stream-options.ts'

export interface NatsBusOptions extends NatsConnectionOptions, NatsStreamOptions, NatsGroupOptions {}
/** A description of a bus; nothing is opened before it is used. */
export interface NatsBus {
  readonly backend: 'nats'
  /** Errors: `broker_unavailable`. */
  open(runtime: BackendRuntime): Promise<NatsTopicBus>
}

export interface NatsBrokerOptions extends NatsConnectionOptions, NatsStreamOptions {
  /** The topic that everything is published to. */
  readonly topic: string
  /** The service in whose name it is published. */
  readonly source: string
}
/** A description of a broker; nothing is opened before the app needs it. */
export interface NatsBroker {
  readonly backend: 'nats'
  /** Errors: `broker_unavailable`. */
  open(runtime: BackendRuntime): Promise<Broker & AsyncDisposable>
}

/**
 * Topics on JetStream: stored, shared by any number of processes, delivered at least once, in order for each receiver; what cannot be
 * delivered goes to dead letters. A topic is a stream, a group a durable consumer. Errors: plain ones for options.
 * Reference: docs/reference/nats.md.
 */
export function natsBus(options: NatsBusOptions): NatsBus {
  checkOptions(options, [...connectionOptionNames, ...streamOptionNames, ...groupOptionNames], 'natsBus()')
  const connection = connectionSettings(options)
  const settings = { ...connection, ...streamSettings(options), group: groupSettings(options) }
  return {
    backend: 'nats',
    open: async (runtime) => createNatsTopicBus(await openConnection(connection, runtime), settings, runtime),
  }
}

/**
 * One topic of a `natsBus` with the same prefix, as the broker of an app: where its relay sends what the app has stored. Errors: plain
 * ones for options, `invalid_key` for names; of publishing those of `Broker`. Reference: docs/reference/nats.md.
 */
export function natsBroker({ topic, source, ...options }: NatsBrokerOptions): NatsBroker {
  checkOptions(options, [...connectionOptionNames, ...streamOptionNames, 'topic', 'source'], 'natsBroker()')
  checkKey(topic, 'topic')
  checkKey(source, 'source')
  const bus = natsBus(options)
  return {
    backend: 'nats',
    open: async (runtime) => {
      const opened = await bus.open(runtime)
      return { ...opened.publisher(topic, { source }), [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
    },
  }
}
