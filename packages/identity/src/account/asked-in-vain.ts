// What is stored of a request that was answered like any other and came to nothing. The token of an outcome shows whether its command
// stored an event, and so does the next one's: with nothing stored, it would tell which addresses have an account.
import { aggregate, event } from '@gesta/core'
import type { Aggregate, CommandContext, DomainEventContract, Event, Loaded } from '@gesta/core'
import { z } from 'zod'
import type { Nothing } from './account-events.ts'

export const AskedInVain: DomainEventContract<'Account.AskedInVain', Nothing> = event(
  'Account.AskedInVain',
  z.object({}),
)
type AskedInVainEvent = Event<'domain', 'Account.AskedInVain', Nothing>

/** Each has a stream of its own, so that no two of them meet. */
export const VainRequest: Aggregate<'VainRequest', {}, AskedInVainEvent> = aggregate('VainRequest', () => ({})).on(
  AskedInVain,
  () => ({}),
)

/** Loaded whatever comes of the request, so that it takes as long. */
export function vainRequest({ load, newId }: CommandContext): Promise<Loaded<{}, AskedInVainEvent>> {
  return load(VainRequest, newId())
}
