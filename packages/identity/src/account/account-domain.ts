// The domain Account: how people come to have one, prove their address, set passwords, and what administrators do. It lies in SYSTEM.
import { allOf, anyOf, deny, domain, systemTenant } from '@gesta/core'
import type { AnyEvent, Caller, Denied, Domain, Epoch } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { accountMails } from '../mail/account-mails.ts'
import { AccountIdentity } from '../member/account-identity.ts'
import { Member } from '../member/member.ts'
import { handleBlock, handleRemove, handleUnblock } from './administer.ts'
import type * as contracts from './account-contracts.ts'
import type { WithAccount } from './account-contracts.ts'
import { AccountEmail } from './account-email.ts'
import { Blocked, Removed, SessionsEnded, Unblocked, Verified } from './account-events.ts'
import { handleAddressee, handleGet, handleList, handleMe, handleOwnerOfSession } from './account-queries.ts'
import { Account, accounts } from './account.ts'
import { VainRequest } from './asked-in-vain.ts'
import { accountHousekeeping } from './housekeeping.ts'
import { handleChangePassword, handleRequestPasswordReset, handleResetPassword } from './passwords.ts'
import { handleRegisterInvited } from './register-invited.ts'
import { handleRegister } from './register.ts'
import { handleRequestVerification, handleVerify } from './verify.ts'

type Contracts = typeof contracts
export type AccountDomain = Domain<
  'Account',
  Extract<Contracts[keyof Contracts], { readonly kind: 'command' | 'query' }>
>

/** Reference: docs/reference/identity.md, "Accounts". */
export function accountDomain(binding: Binding): AccountDomain {
  return domain('Account', {
    tenant: systemTenant,
    roles: ['any'],
    permissions: {
      'Account.Register': 'anonymous',
      'Account.RegisterInvited': 'anonymous',
      'Account.Verify': 'anonymous',
      'Account.RequestVerification': 'anonymous',
      'Account.RequestPasswordReset': 'anonymous',
      'Account.ResetPassword': 'anonymous',
      'Account.ChangePassword': 'authenticated',
      'Account.Block': 'authorized',
      'Account.Unblock': 'authorized',
      'Account.Remove': anyOf(allOf<WithAccount>('authenticated', isOwn), 'authorized'),
      'Account.Me': 'authenticated',
      'Account.Get': 'authorized',
      'Account.List': 'authorized',
      'Account.Addressee': 'authorized',
      'Account.OwnerOfSession': 'authorized',
    },
    aggregates: [Account, AccountEmail, VainRequest, AccountIdentity, Member],
    readModels: [accounts],
    handlers: [
      handleRegister(binding),
      handleRegisterInvited(binding),
      handleVerify(binding),
      handleRequestVerification(binding),
      handleRequestPasswordReset(binding),
      handleResetPassword(binding),
      handleChangePassword(binding),
      handleBlock,
      handleUnblock,
      handleRemove,
      handleMe,
      handleGet,
      handleList,
      handleAddressee,
      handleOwnerOfSession,
    ],
    subscribers: [accountHousekeeping(binding), accountMails(binding)],
    advances: [Verified, SessionsEnded, Blocked, Unblocked, Removed].map(movesAccount),
  })
}

function isOwn({ accountUuid }: WithAccount, { account }: Caller): Denied | undefined {
  return account === accountUuid ? undefined : deny('it is the account of somebody else')
}

function movesAccount(
  event: AnyEvent<'domain'>,
): readonly [AnyEvent<'domain'>, (event: { readonly aggregateId: string }) => Epoch] {
  return [event, ({ aggregateId }) => ({ account: aggregateId })]
}
