// The first administrator, made with a one-time code that only whoever started the app has read. There is no default password.
import { administratorsGroup, handle, systemTenant } from '@gesta/core'
import type { Handler } from '@gesta/core'
import { EmailReserved } from '../account/account-email.ts'
import { MembershipAdded, PasswordSet, Registered, Verified } from '../account/account-events.ts'
import { refusalOf } from '../account/new-password.ts'
import { writePassword } from '../account/password-credential.ts'
import { accountOf } from '../account/register.ts'
import { startSession } from '../auth/start-session.ts'
import type { Binding, Bound } from '../bound.ts'
import { createMember } from '../member/membership.ts'
import { Administrators, administratorsId } from '../tenant/administrators.ts'
import { setUp } from './set-up-contracts.ts'

const kind = 'setUp'
const lifetimeMs = 86_400_000
const subject = 'set-up'

/** One more code that makes the first administrator. Those of other processes go on until there is one: then all are worth nothing. */
export async function newSetUpCode({ codes }: Pick<Bound, 'codes'>): Promise<string> {
  return (await codes.issue({ tenant: systemTenant, kind, subject, lifetimeMs })).text
}

export function handleSetUp(binding: Binding): Handler<typeof setUp> {
  return handle(setUp, async ({ code, email, password, name }, context) => {
    const bound = binding.now()
    const found = await bound.codes.find(kind, code)
    if (found?.tenant !== systemTenant || found.subject !== subject) return setUp.reject('invalid_code')
    // Its version is a condition of the commit: of two who come at once one is late.
    const administrators = await context.load(Administrators, administratorsId)
    if (administrators.state.list.length > 0) return setUp.reject('already_set_up')
    const refusal = refusalOf(bound, setUp, { email, password })
    if (refusal !== undefined) return refusal
    const { emailKey, address, account } = await accountOf(bound, context, email)
    if (account.state.status !== 'none') return setUp.reject('email_taken')

    const credential = await writePassword(bound, account.id, password, true)
    address.emit(EmailReserved({ account: account.id }))
    // Whoever could read the code may say which address is theirs.
    account.emit(Registered({ email, emailKey, origin: 'setUp' }), PasswordSet({ credential, by: 'registration' }))
    account.emit(Verified({}))
    const identity = await createMember(context, { account: account.id, name, groups: [administratorsGroup] })
    const selected = { tenant: systemTenant, identity }
    account.emit(MembershipAdded(selected))
    return startSession(context, bound, { account, method: 'setUp', selected })
  })
}
