// Commands and traces as the admin address of an app tells them.
import type {
  CommandRecord,
  RequestContext,
  Trace,
  TracedCommand,
  TracedEvent,
  TracedJob,
  TracedMessage,
} from '@gesta/core'

export interface ShownCommand extends Omit<CommandRecord, 'recordedAt' | 'context' | 'payload'> {
  /** RFC 3339, UTC, to the microsecond. */
  readonly recordedAt: string
  readonly context: RequestContext
  /** A text when it was cut. */
  readonly payload?: unknown
}
export interface ShownTrace extends Omit<Trace, 'commands'> {
  readonly commands: readonly ShownTraced[]
}
type Shown<Part> = Omit<Part, 'followed' | 'recordedAt'> & { readonly followed: readonly ShownTraced[] }

export interface ShownTraced extends Omit<TracedCommand, 'record' | 'events' | 'messages' | 'jobs' | 'followed'> {
  readonly record: ShownCommand
  readonly events: readonly (Shown<TracedEvent> & { readonly recordedAt: string })[]
  readonly messages: readonly Shown<TracedMessage>[]
  readonly jobs: readonly Shown<TracedJob>[]
  readonly followed: readonly ShownTraced[]
}
