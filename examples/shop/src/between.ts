// What lies between the shop and the stock: the broker at the address in SHOP_BROKER, and the topic that both agree on.
import type { StartOptions } from '@gesta/core'
import { topicSource } from '@gesta/core/registry'
import type { TopicBusDescription } from '@gesta/core/registry'

const topicDefault = 'orders'
const source = 'shop'
const group = 'stock'

export interface Between {
  /** Where the shop's outbox is sent to. */
  readonly broker: NonNullable<StartOptions['broker']>
  /** What the stock hears. */
  readonly source: NonNullable<StartOptions['sources']>[number]
}

/** The broker of this process's environment; `undefined` without one: what the shop announces waits in its outbox. */
export async function betweenOf(env: NodeJS.ProcessEnv): Promise<Between | undefined> {
  const address = env['SHOP_BROKER']
  return address === undefined || address === '' ? undefined : betweenAt(address, env['SHOP_TOPIC'] ?? topicDefault)
}

/** Clients are loaded when they are needed: a shop on NATS does not carry Kafka's. */
async function betweenAt(address: string, topic: string): Promise<Between> {
  const [protocol] = address.split(':', 1)
  if (protocol === 'nats') {
    const { natsBroker, natsBus } = await import('@gesta/nats')
    return between(
      natsBroker({ servers: address, topic, source }),
      natsBus({ servers: address, start: 'oldest' }),
      topic,
    )
  }
  if (protocol === 'redis' || protocol === 'rediss') {
    const { redisBroker, redisBus } = await import('@gesta/redis')
    return between(redisBroker({ url: address, topic, source }), redisBus({ url: address }), topic)
  }
  if (protocol === 'kafka') {
    const { kafkaBroker, kafkaBus } = await import('@gesta/kafka')
    const brokers = address.slice('kafka://'.length).split(',')
    return between(kafkaBroker({ brokers, topic, source }), kafkaBus({ brokers }), topic)
  }
  // Not shown, because it may hold a password.
  throw new RangeError(
    'Expected SHOP_BROKER to be an address like nats://127.0.0.1:4222, redis://127.0.0.1:6379 or kafka://127.0.0.1:9092, received another text.',
  )
}

function between(broker: Between['broker'], bus: TopicBusDescription, topic: string): Between {
  return { broker, source: topicSource(bus, topic, group) }
}
