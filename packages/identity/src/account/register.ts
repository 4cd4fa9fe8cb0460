// How an account comes to be. Whatever the address, the answer is the same, and so is the work behind it.
import { handle } from '@gesta/core'
import type { CommandContext, Handler, Loaded } from '@gesta/core'
import type { Binding, Bound } from '../bound.ts'
import { AccountEmail, EmailReserved } from './account-email.ts'
import { register } from './account-contracts.ts'
import { PasswordSet, Registered, RegistrationRepeated, VerificationRequested } from './account-events.ts'
import { Account } from './account.ts'
import type { AccountEvent, AccountState } from './account.ts'
import type { AccountEmailEvent, AccountEmailState } from './account-email.ts'
import { AskedInVain, vainRequest } from './asked-in-vain.ts'
import { issueCode } from './mailed-codes.ts'
import { mayMail } from './mail-pause.ts'
import { refusalOf } from './new-password.ts'
import { verifyPassword, writePassword } from './password-credential.ts'

interface AccountOfAddress {
  readonly emailKey: string
  readonly address: Loaded<AccountEmailState, AccountEmailEvent>
  readonly account: Loaded<AccountState, AccountEvent>
}

export function handleRegister(binding: Binding): Handler<typeof register> {
  return handle(register, async ({ email, password }, context) => {
    const bound = binding.now()
    if (bound.settings.registration !== 'open') return register.reject('registration_closed')
    const refusal = refusalOf(bound, register, { email, password })
    if (refusal !== undefined) return refusal

    const { emailKey, address, account } = await accountOf(bound, context, email)
    const vain = await vainRequest(context)
    const { state, id } = account
    // All of this is done for every address, so that the time it takes tells nothing. What no event names is swept.
    const pending = state.status === 'unverified' ? state.password : undefined
    const isSame = (await verifyPassword(bound, pending, password)) !== 'wrong'
    const isNew = state.status === 'none'
    const isOpen = isNew || state.status === 'unverified'
    const mayAsk = isOpen && mayMail(state.mails.verification, bound.settings.now())
    const credential = await writePassword(bound, id, password, isOpen && !isSame)
    const code = await issueCode(bound, 'verification', id, mayAsk)

    const isRepeated = !isOpen && mayMail(state.mails.repeated, bound.settings.now())
    if (isNew) {
      address.emit(EmailReserved({ account: id }))
      account.emit(Registered({ email, emailKey, origin: 'self' }))
    }
    if (isOpen && !isSame) account.emit(PasswordSet({ credential, by: 'registration', replaced: pending }))
    if (mayAsk) account.emit(VerificationRequested({ code }))
    if (isRepeated) account.emit(RegistrationRepeated({}))
    if (!mayAsk && !isRepeated && (!isOpen || isSame)) vain.emit(AskedInVain({}))
  })
}

/** The account of an address; without one a new account, which is loaded all the same. */
export async function accountOf(
  { emailKeys }: Pick<Bound, 'emailKeys'>,
  { load, newId }: CommandContext,
  email: string,
): Promise<AccountOfAddress> {
  const emailKey = await emailKeys.keyOf(email)
  const address = await load(AccountEmail, emailKey)
  const account = await load(Account, address.state.account ?? newId())
  return { emailKey, address, account }
}
