// Which domain events change who may do what, and whose epochs they move.
import type { Epoch } from '../contracts/permissions-changed.ts'

/** The event as a domain's `advances` sees it. */
export interface AdvancingEvent {
  readonly data: unknown
  readonly tenant: string
  readonly aggregateId: string
}
export type Advances = ReadonlyMap<string, readonly ((event: AdvancingEvent) => Epoch | readonly Epoch[])[]>
