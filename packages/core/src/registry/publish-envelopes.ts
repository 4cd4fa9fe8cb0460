// Publishing what was captured before or arrived from outside, in order.
import { emptyContext } from '../request-context/request-context.ts'
import { checkSink, SinkScope } from './command-event-sink.ts'
import { deliver } from './deliver.ts'
import type { Envelope, EnvelopeDraft } from './envelope.ts'
import type { RunOptions } from './execute.ts'
import { checkEnvelope, receiveEnvelope } from './receive-envelope.ts'
import { runningHandlerOf } from './registry.ts'
import type { Registry } from './registry.ts'
import type { CommandOptions } from './run-command.ts'
import { refuseInHandler } from './running-handler.ts'

/**
 * Runs the subscribers of one event, until the first one fails. An id is kept, or assigned when there is none; a value of an older
 * schema version is brought up to date.
 * Errors: `nil_handler`, `unsupported_handler` (no event, or inside a command handler), `invalid_input`, `event_unreadable`, `subscriber_failed`.
 * Reference: docs/reference/contracts.md.
 */
export function publishEnvelope(registry: Registry, event: EnvelopeDraft, options: RunOptions = {}): Promise<void> {
  return publishEnvelopes(registry, [event], options)
}

/** Runs the subscribers of several events, in order, until the first one fails. Errors: as `publishEnvelope`. Reference: docs/reference/contracts.md. */
export async function publishEnvelopes(
  registry: Registry,
  events: readonly EnvelopeDraft[],
  options: RunOptions = {},
): Promise<void> {
  const { role, context = emptyContext, signal } = options
  const running = runningHandlerOf(registry)
  for (const event of events) checkEnvelope(event)
  refuseInHandler(running, 'publication', events[0]?.type ?? 'events')
  for (const event of events) {
    const received = await receiveEnvelope(registry, event)
    signal?.throwIfAborted()
    await deliver(registry, [received], role, context, signal)
  }
}

/**
 * Gives captured events to a sink, or to the subscribers of this process. An empty batch calls no sink.
 * Errors: `nil_handler`, `unsupported_handler` (inside a command handler), `subscriber_failed`; the sink's own unchanged.
 * Reference: docs/reference/contracts.md.
 */
export async function dispatchCommandEvents(
  registry: Registry,
  events: readonly Envelope[],
  options: CommandOptions = {},
): Promise<void> {
  const { role, context = emptyContext, signal, sink } = options
  refuseInHandler(runningHandlerOf(registry), 'delivery', events[0]?.type ?? 'events')
  if (sink !== undefined) checkSink(sink, '')
  if (events.length === 0) return
  signal?.throwIfAborted()
  await (sink === undefined
    ? deliver(registry, events, role, context, signal)
    : sink(events, new SinkScope(registry, { role, context, signal })))
}
