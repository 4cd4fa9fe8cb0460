// Publishing at once, without a command: for adapters, tests and scripts. Inside a command handler events are emitted instead.
import type { Category, Event } from '../contracts/messages.ts'
import { emptyContext } from '../request-context/request-context.ts'
import { envelopeOf, valueOf } from './capture.ts'
import { deliver } from './deliver.ts'
import { normalizeAudience } from './envelope.ts'
import type { RunOptions } from './execute.ts'
import { checkEvent } from './recorder.ts'
import { runningHandlerOf } from './registry.ts'
import type { Registry } from './registry.ts'
import { refuseInHandler } from './running-handler.ts'

export interface PublishPresentationOptions extends RunOptions {
  /** At most 16 labels of at most 128 bytes; default: everyone. */
  readonly audience?: readonly string[] | undefined
}

/**
 * Runs the subscribers of a domain event, in order of registration, until the first one fails. No subscriber is success.
 * Errors: `nil_handler`, `unsupported_handler` (another message, or inside a command handler), `invalid_input`, `subscriber_failed`.
 * Reference: docs/reference/contracts.md.
 */
export function publishDomain<Type extends string, Data>(
  registry: Registry,
  event: Event<'domain', Type, Data>,
  options: RunOptions = {},
): Promise<void> {
  return publish(registry, 'domain', event, options)
}

/** Runs the subscribers of an integration event. Errors: as `publishDomain`. Reference: docs/reference/contracts.md. */
export function publishIntegration<Type extends string, Data>(
  registry: Registry,
  event: Event<'integration', Type, Data>,
  options: RunOptions = {},
): Promise<void> {
  return publish(registry, 'integration', event, options)
}

/** Runs the subscribers of a presentation event. Errors: as `publishDomain`, and `invalid_output` for its audience. Reference: docs/reference/contracts.md. */
export function publishPresentation<Type extends string, Data>(
  registry: Registry,
  event: Event<'presentation', Type, Data>,
  options: PublishPresentationOptions = {},
): Promise<void> {
  return publish(registry, 'presentation', event, options)
}

async function publish(
  registry: Registry,
  category: Category,
  event: Event<Category, string, unknown>,
  options: PublishPresentationOptions,
): Promise<void> {
  const { role, context = emptyContext, signal } = options
  const running = runningHandlerOf(registry)
  checkEvent(category, event)
  refuseInHandler(running, 'publication', event.type)
  const audience = normalizeAudience(options.audience)
  const value = await valueOf(registry, event, 'invalid_input')
  signal?.throwIfAborted()
  await deliver(registry, [envelopeOf(registry, { event, audience }, value, context)], role, context, signal)
}
