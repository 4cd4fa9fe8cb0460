// The domain SecondFactor: the authenticator and the recovery codes of an account. It lies in the tenant SYSTEM.
import { randomUUID } from 'node:crypto'
import { domain, handle, subscriber, systemTenant } from '@gesta/core'
import type { Domain, Handler, Subscriber } from '@gesta/core'
import { Account } from '../account/account.ts'
import { RecoveryCodesReplaced, SessionsEnded, TotpConfirmed, TotpRemoved } from '../account/account-events.ts'
import { Session } from '../auth/session.ts'
import type { Binding } from '../bound.ts'
import { keepNamed, unnamedUntil } from '../secrets/unnamed.ts'
import { isPassword, ownAccount } from './own-account.ts'
import { newRecoveryCodes, recoveryKey } from './recovery-codes.ts'
import { removeTotp, replaceRecoveryCodes } from './second-factor-contracts.ts'
import type { confirmTotp, startTotp } from './second-factor-contracts.ts'
import { handleConfirmTotp, handleStartTotp, pendingKey } from './set-up-totp.ts'
import { seedKey } from './totp.ts'

export type SecondFactorDomain = Domain<
  'SecondFactor',
  typeof startTotp | typeof confirmTotp | typeof removeTotp | typeof replaceRecoveryCodes
>

/** Reference: docs/reference/identity.md, "Second factors". */
export function secondFactorDomain(binding: Binding): SecondFactorDomain {
  return domain('SecondFactor', {
    tenant: systemTenant,
    roles: ['any'],
    permissions: 'authenticated',
    aggregates: [Account, Session],
    handlers: [
      handleStartTotp(binding),
      handleConfirmTotp(binding),
      handleRemoveTotp(binding),
      handleReplaceRecoveryCodes(binding),
    ],
    subscribers: [housekeeping(binding)],
  })
}

/** Whoever removes it protects the account less: what somebody else may hold open ends, and has to come in by what is left. */
function handleRemoveTotp(binding: Binding): Handler<typeof removeTotp> {
  return handle(removeTotp, async ({ password }, context) => {
    const own = await ownAccount(context)
    const { totp } = own.account.state
    if (!(await isPassword(binding.now(), context, own, password))) return removeTotp.reject('invalid_credentials')
    if (totp === undefined) return removeTotp.reject('totp_inactive')
    own.account.emit(TotpRemoved(totp), SessionsEnded({ except: own.session, reason: 'secondFactor' }))
  })
}

function handleReplaceRecoveryCodes(binding: Binding): Handler<typeof replaceRecoveryCodes> {
  return handle(replaceRecoveryCodes, async ({ password }, context) => {
    const bound = binding.now()
    const own = await ownAccount(context)
    const { id, state } = own.account
    if (!(await isPassword(bound, context, own, password))) return replaceRecoveryCodes.reject('invalid_credentials')
    if (state.totp === undefined) return replaceRecoveryCodes.reject('totp_inactive')
    const { codes, kept } = newRecoveryCodes()
    const recovery = randomUUID()
    const expiresAt = unnamedUntil(bound.settings.now())
    await bound.credentials.put(recoveryKey(recovery), { subject: id, value: kept, expiresAt }, 0)
    own.account.emit(RecoveryCodesReplaced({ recovery, replaced: state.totp.recovery }))
    return { recoveryCodes: codes }
  })
}

/** What an event has named stays; what it has replaced goes. */
function housekeeping(binding: Binding): Subscriber<'SecondFactor.Housekeeping'> {
  return subscriber('SecondFactor.Housekeeping', { attemptsMax: Number.POSITIVE_INFINITY })
    .on(TotpConfirmed, async ({ credential, recovery }, { event }) => {
      const { credentials } = await binding.ready
      await keepNamed(credentials, seedKey(credential))
      await keepNamed(credentials, recoveryKey(recovery))
      await credentials.remove(pendingKey(event.aggregate.id))
    })
    .on(RecoveryCodesReplaced, async ({ recovery, replaced }) => {
      const { credentials } = await binding.ready
      await keepNamed(credentials, recoveryKey(recovery))
      await credentials.remove(recoveryKey(replaced))
    })
    .on(TotpRemoved, async ({ credential, recovery }) => {
      const { credentials } = await binding.ready
      await credentials.remove(seedKey(credential))
      await credentials.remove(recoveryKey(recovery))
    })
}
