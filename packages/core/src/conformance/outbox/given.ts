// What the cases of this suite are written with: an outbox that is its own source, and the envelopes and receivers of the suite of
// event sources.
import type { EventSource, Outbox } from '../../registry/delivery-ports.ts'
import type { Envelope } from '../../registry/envelope.ts'
import { emptyContext } from '../../request-context/request-context.ts'
import { forEver } from '../event-source/given.ts'
import type { Case } from '../suite.ts'

/**
 * `durable`: what was stored outlives the process, with what is known of its attempts.
 * `limited`: what fails as often as the place says, also over restarts, is given up, kept apart, and delivered no more.
 */
export type OutboxCapability = 'durable' | 'limited'
export interface OpenOutbox extends Outbox, EventSource, AsyncDisposable {
  /** How many events were given up. Called for `limited`. */
  givenUp(): Promise<number>
}
export interface OutboxPlace {
  /** Failed deliveries after which an event is given up; at least 3. */
  readonly attemptsMax: number
  open(): Promise<OpenOutbox>
  /** Removes the events; called when every outbox is closed. */
  remove(): Promise<void>
}
export interface GivenOutbox extends Pick<OutboxPlace, 'attemptsMax'> {
  readonly outbox: OpenOutbox
  /** Closes the outbox and opens it again. */
  reopen(): Promise<OpenOutbox>
}
export type OutboxCase = Case<GivenOutbox, OutboxCapability>

export async function store(outbox: Outbox, events: readonly Envelope[]): Promise<void> {
  await outbox.storeEvents(events, { context: emptyContext, signal: forEver() })
}
