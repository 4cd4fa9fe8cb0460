// Setting another password: with a mailed code for whoever forgot it, with the current one for whoever is signed in.
import { handle, systemTenant } from '@gesta/core'
import type { Handler } from '@gesta/core'
import type { Binding } from '../bound.ts'
import { isPassword, ownAccount } from '../second-factor/own-account.ts'
import { changePassword, requestPasswordReset, resetPassword } from './account-contracts.ts'
import { PasswordResetRequested, PasswordSet, SessionsEnded, Verified } from './account-events.ts'
import { Account, isReachable } from './account.ts'
import { AskedInVain, vainRequest } from './asked-in-vain.ts'
import { issueCode } from './mailed-codes.ts'
import { mayMail } from './mail-pause.ts'
import { refusalOf } from './new-password.ts'
import { writePassword } from './password-credential.ts'
import { accountOf } from './register.ts'

export function handleRequestPasswordReset(binding: Binding): Handler<typeof requestPasswordReset> {
  return handle(requestPasswordReset, async ({ email }, context) => {
    const bound = binding.now()
    const { account } = await accountOf(bound, context, email)
    const vain = await vainRequest(context)
    const { id, state, emit } = account
    const mayAsk = isReachable(state) && mayMail(state.mails.reset, bound.settings.now())
    const code = await issueCode(bound, 'reset', id, mayAsk)
    if (mayAsk) emit(PasswordResetRequested({ code }))
    else vain.emit(AskedInVain({}))
  })
}

/** It starts no session: whoever has a second factor shows it at the next sign-in. Who has the code reads the address, so it is verified. */
export function handleResetPassword(binding: Binding): Handler<typeof resetPassword> {
  return handle(resetPassword, async ({ code, password }, { load, metadata, newId }) => {
    const bound = binding.now()
    const found = await bound.codes.find('reset', code)
    if (found?.tenant !== systemTenant) return resetPassword.reject('invalid_code')
    const { id, state, emit } = await load(Account, found.subject)
    if (!isReachable(state) || state.reset !== found.id) return resetPassword.reject('invalid_code')
    const refusal = refusalOf(bound, resetPassword, { email: state.email, password })
    if (refusal !== undefined) return refusal
    const credential = await writePassword(bound, id, password)
    emit(PasswordSet({ credential, by: 'reset', replaced: state.password }))
    if (state.status === 'unverified') emit(Verified({}))
    emit(SessionsEnded({ reason: 'password' }))
    // Whoever reads the mail gets in from where it was read, however many others keep trying.
    await bound.throttle.succeeded({
      address: metadata?.['address'],
      subject: state.emailKey,
      device: undefined,
      use: newId(),
    })
  })
}

export function handleChangePassword(binding: Binding): Handler<typeof changePassword> {
  return handle(changePassword, async ({ currentPassword, newPassword }, context) => {
    const bound = binding.now()
    const own = await ownAccount(context)
    const { id, state, emit } = own.account
    if (!isReachable(state) || !(await isPassword(bound, context, own, currentPassword)))
      return changePassword.reject('invalid_credentials')
    const refusal = refusalOf(bound, changePassword, { email: state.email, password: newPassword })
    if (refusal !== undefined) return refusal
    const credential = await writePassword(bound, id, newPassword)
    emit(
      PasswordSet({ credential, by: 'change', replaced: state.password }),
      SessionsEnded({ except: own.session, reason: 'password' }),
    )
  })
}
