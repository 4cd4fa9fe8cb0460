// The domain Passkey: keys on the devices of a person that sign in without a password. It lies in the tenant SYSTEM.
import { domain, handle, subscriber, systemTenant } from '@gesta/core'
import type { Domain, Handler, Subscriber } from '@gesta/core'
import { Account } from '../account/account.ts'
import { PasskeyAdded, PasskeyRemoved, SessionsEnded } from '../account/account-events.ts'
import { Session } from '../auth/session.ts'
import type { Binding } from '../bound.ts'
import { ownAccount, refusalOf } from '../second-factor/own-account.ts'
import { keepNamed } from '../secrets/unnamed.ts'
import { handleAdd, handleStart } from './add-passkey.ts'
import { remove } from './passkey-contracts.ts'
import type { add, login, start, startLogin } from './passkey-contracts.ts'
import { handleLogin, handleStartLogin } from './passkey-login.ts'
import { passkeyKey } from './stored-passkey.ts'

export type PasskeyDomain = Domain<
  'Passkey',
  typeof start | typeof add | typeof remove | typeof startLogin | typeof login
>

/** Reference: docs/reference/identity.md, "Passkeys". */
export function passkeyDomain(binding: Binding): PasskeyDomain {
  return domain('Passkey', {
    tenant: systemTenant,
    roles: ['any'],
    permissions: {
      'Passkey.Start': 'authenticated',
      'Passkey.Add': 'authenticated',
      'Passkey.Remove': 'authenticated',
      'Passkey.StartLogin': 'anonymous',
      'Passkey.Login': 'anonymous',
    },
    aggregates: [Account, Session],
    handlers: [
      handleStart(binding),
      handleAdd(binding),
      handleRemove(binding),
      handleStartLogin(binding),
      handleLogin(binding),
    ],
    subscribers: [housekeeping(binding)],
  })
}

/** A passkey goes when its device is lost or no longer trusted: sessions that somebody holds open with it end too. */
function handleRemove(binding: Binding): Handler<typeof remove> {
  return handle(remove, async ({ passkey, password }, context) => {
    const own = await ownAccount(context)
    const { passkeys, password: hash } = own.account.state
    const refusal = await refusalOf(binding.now(), context, own, password)
    if (refusal !== undefined) return remove.reject(refusal)
    if (!passkeys.some((one) => one.passkey === passkey)) return remove.reject('unknown_passkey')
    if (hash === undefined && passkeys.length === 1) return remove.reject('last_sign_in')
    own.account.emit(PasskeyRemoved({ passkey }), SessionsEnded({ except: own.session, reason: 'secondFactor' }))
  })
}

/** What an event has named stays; what was removed goes. */
function housekeeping(binding: Binding): Subscriber<'Passkey.Housekeeping'> {
  return subscriber('Passkey.Housekeeping', { attemptsMax: Number.POSITIVE_INFINITY })
    .on(PasskeyAdded, async ({ passkey }) => {
      const { credentials } = await binding.ready
      await keepNamed(credentials, passkeyKey(passkey))
    })
    .on(PasskeyRemoved, async ({ passkey }) => {
      const { credentials } = await binding.ready
      await credentials.remove(passkeyKey(passkey))
    })
}
