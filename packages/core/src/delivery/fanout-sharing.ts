// One fanout over several processes: what one of them is sent, it shows to its own clients and hands to the others over a topic.
// Nothing is stored for a process that is away: its clients ask again when they come back.
import { checkKey } from '../codec/key-text.ts'
import type { Fanout, Subscription, TopicBus } from '../registry/delivery-ports.ts'
import type { Envelope, EnvelopeDraft } from '../registry/envelope.ts'
import { emptyContext, tenantOf } from '../request-context/request-context.ts'
import { checkOptions } from '../schema/options.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import { backoffMs } from '../time/backoff.ts'
import { pause } from '../time/unless-aborted.ts'
import { runBatchLoop } from './batch-loop.ts'

export interface SharedFanoutOptions {
  /** The topic that all processes of the app share, and nothing else. Default `gesta.presentation`. */
  readonly topic?: string | undefined
  /** This process: a name that no other one has. Default: a new id. */
  readonly node?: string | undefined
  /** Told of what went wrong with the topic, before it is tried again. What it throws is ignored. */
  readonly onFailure?: ((error: unknown) => void) | undefined
  /** Clock, ids and randomness. Default: those of this process. */
  readonly runtime?: BackendRuntime | undefined
}
/** For `start({ fanout })`. Disposing of it leaves the topic; what is sent then is shown by this process alone. */
export interface SharedFanout extends Fanout, AsyncDisposable {}

const topicDefault = 'gesta.presentation'
const backoff = { firstMs: 100, maxMs: 10_000 }
/** Events that are remembered, because a topic may deliver one twice. */
const rememberedMax = 1_000

/** `app/delivery.ts` says what it does; here clock and randomness are given. */
export async function openSharedFanout(
  fanout: Fanout,
  bus: TopicBus,
  options: SharedFanoutOptions,
  runtime: BackendRuntime,
): Promise<SharedFanout> {
  checkOptions(options, ['topic', 'node', 'onFailure', 'runtime'], 'shareFanout()')
  const { topic = topicDefault, node = runtime.ids.newId() } = options
  checkKey(node, 'node')
  const group = `fanout-${node}`
  const publisher = bus.publisher(topic, { source: node })
  const subscription = await bus.subscribe(topic, group)
  const stop = new AbortController()
  const receiving = receive(fanout, subscription, node, options, runtime, stop.signal)
  return {
    sendPresentationEvents: async (events, run) => {
      await fanout.sendPresentationEvents(events, run)
      const tenant = tenantOf(run.context)
      const shown = events.filter(({ category }) => category === 'presentation')
      if (shown.length === 0 || stop.signal.aborted) return
      await publisher.publishEvents(tenant === '' ? shown : shown.map((event) => ({ tenant, ...event })), run)
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      await receiving
      await subscription[Symbol.asyncDispose]()
      // Who is gone must not make the topic keep anything; where that fails, the group is as one of a process that was killed.
      await bus.removeGroup(topic, group).catch(() => undefined)
    },
  }
}

/** Shows what other processes were sent, until it is stopped or the topic is closed. */
async function receive(
  fanout: Fanout,
  subscription: Subscription,
  node: string,
  { onFailure }: SharedFanoutOptions,
  runtime: BackendRuntime,
  stop: AbortSignal,
): Promise<void> {
  const isNew = remembering()
  let failures = 0
  const deliver = async (events: readonly EnvelopeDraft[], signal: AbortSignal): Promise<undefined> => {
    failures = 0
    for (const event of events) {
      if (event.source === node || event.category !== 'presentation' || !isNew(event.id)) continue
      // What cannot be shown is skipped: a notice that came again and again would hold up all others.
      await fanout
        .sendPresentationEvents([event as Envelope], { context: emptyContext, signal })
        .catch((error: unknown) => tell(onFailure, error))
    }
  }
  const work = { deliver, observe: () => undefined }
  while (!stop.aborted) {
    try {
      await runBatchLoop(subscription, work, { drain: stop, backoff }, runtime)
      return
    } catch (error) {
      tell(onFailure, error)
      await pause(runtime.clock, backoffMs(backoff, ++failures, runtime.ids.random), stop).catch(() => undefined)
    }
  }
}

/** Whether an id was not seen lately. An event without one cannot be told from others. */
function remembering(): (id: string | undefined) => boolean {
  const seen = new Set<string>()
  return (id = '') => {
    if (id === '') return true
    if (seen.has(id)) return false
    seen.add(id)
    for (const oldest of seen) {
      if (seen.size <= rememberedMax) break
      seen.delete(oldest)
    }
    return true
  }
}

function tell(onFailure: SharedFanoutOptions['onFailure'], error: unknown): void {
  try {
    onFailure?.(error)
  } catch {
    // Watching never fails the work.
  }
}
