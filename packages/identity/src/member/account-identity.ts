// Which identity an account has in a tenant: one at most, however many are made at once.
import { aggregate, event } from '@gesta/core'
import type { Aggregate, DomainEventContract, Event } from '@gesta/core'
import { z } from 'zod'
import type { Nothing } from '../account/account-events.ts'

export interface AccountBound {
  readonly identity: string
}
export const AccountBound: DomainEventContract<'Identity.AccountBound', AccountBound> = event(
  'Identity.AccountBound',
  z.object({ identity: z.string() }),
)
export const AccountReleased: DomainEventContract<'Identity.AccountReleased', Nothing> = event(
  'Identity.AccountReleased',
  z.object({}),
)

export interface AccountIdentityState {
  /** Absent: it has none. */
  readonly identity: string | undefined
}
type AccountIdentityEvent =
  | Event<'domain', 'Identity.AccountBound', AccountBound>
  | Event<'domain', 'Identity.AccountReleased', Nothing>

/** Its id is the account's; it lies in the tenant of the identity. */
export const AccountIdentity: Aggregate<'AccountIdentity', AccountIdentityState, AccountIdentityEvent> = aggregate(
  'AccountIdentity',
  (): AccountIdentityState => ({ identity: undefined }),
)
  .on(AccountBound, (_, { identity }) => ({ identity }))
  .on(AccountReleased, () => ({ identity: undefined }))
