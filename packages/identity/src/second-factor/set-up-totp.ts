// Sets up an authenticator: a seed that is pending until a code of it has come, so that nobody locks himself out with one that failed.
import { randomUUID } from 'node:crypto'
import { handle, isErased, systemTenant } from '@gesta/core'
import type { CommandContext, CredentialKey, Handler } from '@gesta/core'
import { z } from 'zod'
import { TotpConfirmed } from '../account/account-events.ts'
import type { Binding, Bound } from '../bound.ts'
import { unnamedUntil } from '../secrets/unnamed.ts'
import { ownAccount, refusalOf } from './own-account.ts'
import { newRecoveryCodes, recoveryKey } from './recovery-codes.ts'
import { confirmTotp, startTotp } from './second-factor-contracts.ts'
import { newSecret, seedKey, stepOf, uriOf } from './totp.ts'

const pendingMs = 15 * 60_000
const pending = z.object({ secret: z.string(), expiresAtMs: z.number() })

/** One for each account: whoever begins again has the last one. */
export function pendingKey(account: string): CredentialKey {
  return { tenant: systemTenant, kind: 'totp-pending', id: account }
}

export function handleStartTotp(binding: Binding): Handler<typeof startTotp> {
  return handle(startTotp, async ({ password }, context) => {
    const bound = binding.now()
    const own = await ownAccount(context)
    const { id, state } = own.account
    if (state.totp !== undefined) return startTotp.reject('totp_active')
    const refusal = await refusalOf(bound, context, own, password)
    if (refusal !== undefined) return startTotp.reject(refusal)
    const secret = newSecret()
    await writePending(bound, id, secret)
    return { secret, uri: uriOf(secret, bound.settings.name, isErased(state.email) ? id : state.email) }
  })
}

/**
 * The seed is right for who sees it, so guessing a code gains nothing and is not slowed down. The step of the code is used up with it: it
 * does not also sign in.
 */
export function handleConfirmTotp(binding: Binding): Handler<typeof confirmTotp> {
  return handle(confirmTotp, async ({ code }, context: CommandContext) => {
    const { credentials, settings } = binding.now()
    const { account } = await ownAccount(context)
    if (account.state.totp !== undefined) return confirmTotp.reject('totp_active')
    const nowMs = settings.now()
    const row = await credentials.get(pendingKey(account.id))
    const { secret, expiresAtMs } = row === undefined ? { secret: '', expiresAtMs: 0 } : pending.parse(row.value)
    if (expiresAtMs <= nowMs) return confirmTotp.reject('not_started')
    const step = stepOf(secret, code.replace(/\s/g, ''), nowMs)
    if (step === undefined) return confirmTotp.reject('invalid_code')

    const named = { credential: randomUUID(), recovery: randomUUID() }
    const { codes, kept } = newRecoveryCodes()
    const unnamed = { subject: account.id, expiresAt: unnamedUntil(nowMs) }
    await credentials.put(seedKey(named.credential), { ...unnamed, value: { secret, step, use: '' } }, 0)
    await credentials.put(recoveryKey(named.recovery), { ...unnamed, value: kept }, 0)
    account.emit(TotpConfirmed(named))
    return { recoveryCodes: codes }
  })
}

async function writePending({ credentials, settings }: Bound, account: string, secret: string): Promise<void> {
  const expiresAtMs = settings.now() + pendingMs
  const credential = { subject: account, value: { secret, expiresAtMs }, expiresAt: expiresAtMs * 1_000 }
  do await credentials.remove(pendingKey(account))
  while (!(await credentials.put(pendingKey(account), credential, 0)))
}
