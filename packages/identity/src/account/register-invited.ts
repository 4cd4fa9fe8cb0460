// An account for somebody who was invited: the code came by mail, so the address is theirs, and they are signed in at once.
import { handle } from '@gesta/core'
import type { Handler } from '@gesta/core'
import { z } from 'zod'
import { startSession } from '../auth/start-session.ts'
import type { Binding } from '../bound.ts'
import { invitationOfCode } from '../invitation/invitation-of-code.ts'
import type { FoundCode } from '../secrets/codes.ts'
import { EmailReserved } from './account-email.ts'
import { emailAddress, registerInvited } from './account-contracts.ts'
import { PasswordSet, Registered, Verified } from './account-events.ts'
import { refusalOf } from './new-password.ts'
import { writePassword } from './password-credential.ts'
import { accountOf } from './register.ts'

/** What an invitation puts beside its code: the address that it was mailed to. */
const invitationData: z.ZodType<{ readonly email: string }> = z.object({ email: emailAddress })

export function handleRegisterInvited(binding: Binding): Handler<typeof registerInvited> {
  return handle(registerInvited, async ({ code, password }, context) => {
    const bound = binding.now()
    const email = addressOf((await invitationOfCode(bound, code))?.code)
    if (email === undefined) return registerInvited.reject('invalid_code')
    const { emailKey, address, account } = await accountOf(bound, context, email)
    const { id, state } = account
    // An account that was never verified is nobody's yet, whoever asked for it: whoever reads the mail takes it over.
    if (state.status !== 'none' && state.status !== 'unverified') return registerInvited.reject('account_exists')
    const refusal = refusalOf(bound, registerInvited, { email, password })
    if (refusal !== undefined) return refusal

    const credential = await writePassword(bound, id, password)
    if (state.status === 'none') {
      address.emit(EmailReserved({ account: id }))
      account.emit(Registered({ email, emailKey, origin: 'invitation' }))
    }
    account.emit(PasswordSet({ credential, by: 'registration', replaced: state.password }), Verified({}))
    return startSession(context, bound, { account, method: 'invitation' })
  })
}

function addressOf(found: FoundCode | undefined): string | undefined {
  return found && invitationData.safeParse(found.data).data?.email
}
