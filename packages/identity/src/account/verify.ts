// Activating an account: whoever has the mailed code reads the address.
import { handle, systemTenant } from '@gesta/core'
import type { Handler } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { requestVerification, verify } from './account-contracts.ts'
import { VerificationRequested, Verified } from './account-events.ts'
import { Account } from './account.ts'
import { AskedInVain, vainRequest } from './asked-in-vain.ts'
import { issueCode } from './mailed-codes.ts'
import { mayMail } from './mail-pause.ts'
import { verifyPassword } from './password-credential.ts'
import { accountOf } from './register.ts'

/**
 * A code activates the password that was set when it was mailed, and none that was set later. Where somebody else has asked for an account
 * with the same address, its owner cannot tell which mail belongs to which password: then the password has to come with the code.
 */
export function handleVerify(binding: Binding): Handler<typeof verify> {
  return handle(verify, async ({ code, password }, { load }) => {
    const bound = binding.now()
    const found = await bound.codes.find('verification', code)
    if (found?.tenant !== systemTenant) return verify.reject('invalid_code')
    const { state, emit } = await load(Account, found.subject)
    if (state.status !== 'unverified' || state.verification !== found.id) return verify.reject('invalid_code')
    if (state.contested && password === undefined) return verify.reject('password_needed')
    if (password !== undefined && (await verifyPassword(bound, state.password, password)) === 'wrong')
      return verify.reject('invalid_credentials')
    emit(Verified({}))
  })
}

export function handleRequestVerification(binding: Binding): Handler<typeof requestVerification> {
  return handle(requestVerification, async ({ email }, context) => {
    const bound = binding.now()
    const { account } = await accountOf(bound, context, email)
    const vain = await vainRequest(context)
    const { id, state, emit } = account
    const mayAsk = state.status === 'unverified' && mayMail(state.mails.verification, bound.settings.now())
    const code = await issueCode(bound, 'verification', id, mayAsk)
    if (mayAsk) emit(VerificationRequested({ code }))
    else vain.emit(AskedInVain({}))
  })
}
