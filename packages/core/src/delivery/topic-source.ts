// A group of a topic as a source of an app: the bus is opened with the app's work, and closed with it.
import type { Subscription, TopicBus } from '../registry/delivery-ports.ts'
import type { BackendRuntime } from '../stores/backend.ts'

/** The description of a bus, as adapters give it; nothing is opened before it is used. */
export interface TopicBusDescription {
  open(runtime: BackendRuntime): Promise<TopicBus>
}
/** The description of a source, for `start({ sources })`. */
export interface TopicSource {
  /** Errors: those of opening the bus and of `subscribe`. */
  open(runtime: BackendRuntime): Promise<Subscription>
}

/**
 * One receiver of `group` on `topic`, over a connection of its own. All processes that name the same group share what it gets.
 * Reference: docs/reference/delivery.md.
 */
export function topicSource(bus: TopicBusDescription, topic: string, group: string): TopicSource {
  return {
    open: async (runtime) => {
      const opened = await bus.open(runtime)
      try {
        const subscription = await opened.subscribe(topic, group)
        return {
          receiveEventBatch: (options) => subscription.receiveEventBatch(options),
          [Symbol.asyncDispose]: async () => {
            await subscription[Symbol.asyncDispose]()
            await opened[Symbol.asyncDispose]()
          },
        }
      } catch (error) {
        await opened[Symbol.asyncDispose]()
        throw error
      }
    },
  }
}
