// Emitting: a command handler records events in its recorder; they leave only after the handler succeeded.
import type { Category, Event } from '../contracts/messages.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { ContractError } from './contract-error.ts'
import { normalizeAudience } from './envelope.ts'
import { RunScope } from './run-context.ts'
import type { RunContext } from './run-context.ts'

/** The key under which a recorder takes events; whoever runs command handlers may offer a recorder of its own. */
export const recordEvent: unique symbol = Symbol('gesta.recordEvent')

/** The second argument of a command handler: its context, and the right to emit while it runs. */
export interface Recorder extends RunContext {
  readonly [recordEvent]: (event: Event<Category, string, unknown>, audience: readonly string[] | undefined) => void
}

export interface EmitPresentationOptions {
  /** At most 16 labels of at most 128 bytes, all of which a client must hold; default: everyone. */
  readonly audience?: readonly string[] | undefined
}

/**
 * Records a domain event, to be delivered after the command succeeded. Its data are validated then.
 * Errors: `no_event_recorder` when no command handler runs with this recorder; `unsupported_handler` for another message.
 * Reference: docs/reference/contracts.md.
 */
export function emitDomain<Type extends string, Data>(recorder: Recorder, event: Event<'domain', Type, Data>): void {
  emit(recorder, 'domain', event, undefined)
}

/** Records an event for other apps, to be delivered after the command succeeded. Errors: as `emitDomain`. Reference: docs/reference/contracts.md. */
export function emitIntegration<Type extends string, Data>(
  recorder: Recorder,
  event: Event<'integration', Type, Data>,
): void {
  emit(recorder, 'integration', event, undefined)
}

/**
 * Records an event for browsers, to be sent after the command succeeded.
 * Errors: as `emitDomain`, and `invalid_output` for an audience over its limits. Reference: docs/reference/contracts.md.
 */
export function emitPresentation<Type extends string, Data>(
  recorder: Recorder,
  event: Event<'presentation', Type, Data>,
  options: EmitPresentationOptions = {},
): void {
  emit(recorder, 'presentation', event, options.audience)
}

function emit(
  recorder: Recorder | undefined,
  category: Category,
  event: Event<Category, string, unknown>,
  audience: readonly string[] | undefined,
): void {
  if (typeof recorder?.[recordEvent] !== 'function') throw noRecorder(event)
  checkEvent(category, event)
  recorder[recordEvent](event, normalizeAudience(audience))
}

/** Throws `unsupported_handler` unless the message is an event of this category. */
export function checkEvent(category: Category, event: Event<Category, string, unknown> | undefined | null): void {
  if (event?.kind === 'event' && event.category === category) return
  const received = event?.kind === 'event' ? `${event.category} event` : (event?.kind ?? 'nothing')
  throw new ContractError(
    'unsupported_handler',
    event?.type ?? '',
    `Expected a ${category} event, received ${received} ${event?.type ?? ''}.`,
  )
}

export interface Recorded {
  readonly event: Event<Category, string, unknown>
  readonly audience: readonly string[] | undefined
}

/** The registry's own recorder, open until its handler has settled. */
export interface OpenRecorder extends Recorder {
  open: boolean
  readonly recorded: readonly Recorded[]
}

export function createRecorder(context: RequestContext, signal: AbortSignal | undefined): OpenRecorder {
  return new EventRecorder(context, signal)
}

class EventRecorder extends RunScope implements OpenRecorder {
  open = true
  readonly recorded: Recorded[] = [];

  [recordEvent](event: Event<Category, string, unknown>, audience: readonly string[] | undefined): void {
    if (!this.open) throw noRecorder(event)
    this.recorded.push({ event, audience })
  }
}

/** Also for recorders that others offer: what they throw when their handler has settled. */
export function noRecorder(event: Event<Category, string, unknown> | undefined): ContractError {
  const type = event?.type ?? ''
  return new ContractError(
    'no_event_recorder',
    type,
    `Expected a running command handler to emit ${type}, but none runs with this recorder. Emit before the handler returns.`,
  )
}
