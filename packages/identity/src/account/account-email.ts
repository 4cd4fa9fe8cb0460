// An address of an account, kept for it alone. The stream's id is a keyed hash of the address, so that the log does not tell it.
import { aggregate, event } from '@gesta/core'
import type { Aggregate, DomainEventContract, Event } from '@gesta/core'
import { z } from 'zod'
import type { Nothing } from './account-events.ts'

export interface EmailReserved {
  readonly account: string
}
export const EmailReserved: DomainEventContract<'Account.EmailReserved', EmailReserved> = event(
  'Account.EmailReserved',
  z.object({ account: z.string() }),
)
export const EmailReleased: DomainEventContract<'Account.EmailReleased', Nothing> = event(
  'Account.EmailReleased',
  z.object({}),
)

export interface AccountEmailState {
  /** Absent: the address is free. */
  readonly account: string | undefined
}
export type AccountEmailEvent =
  | Event<'domain', 'Account.EmailReserved', EmailReserved>
  | Event<'domain', 'Account.EmailReleased', Nothing>

export const AccountEmail: Aggregate<'AccountEmail', AccountEmailState, AccountEmailEvent> = aggregate(
  'AccountEmail',
  (): AccountEmailState => ({ account: undefined }),
)
  .on(EmailReserved, (_, { account }) => ({ account }))
  .on(EmailReleased, () => ({ account: undefined }))
