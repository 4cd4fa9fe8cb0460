// Signing in with address and password. Whatever is wrong, the answer is the same, and so are the work and what is recorded.
import { handle } from '@gesta/core'
import type { Handler } from '@gesta/core'
import type { AccountState } from '../account/account.ts'
import { passwordKey, verifyPassword } from '../account/password-credential.ts'
import { accountOf } from '../account/register.ts'
import { verifySecondFactor } from '../account/second-factor.ts'
import type { Binding, Bound } from '../bound.ts'
import { login } from './auth-contracts.ts'
import { startSession } from './start-session.ts'

export function handleLogin(binding: Binding): Handler<typeof login> {
  return handle(login, async ({ email, password, code, device }, context) => {
    const bound = binding.now()
    const { throttle, emailKeys } = bound
    const use = context.newId()
    const attempt = { address: context.metadata?.['address'], subject: await emailKeys.keyOf(email), device, use }
    await throttle.check(attempt)

    // Without an account one that nobody has is loaded, and no password is compared for as long as one.
    const { account } = await accountOf(bound, context, email)
    const verdict = await verifyPassword(bound, account.state.password, password)
    if (verdict === 'wrong' || account.state.status !== 'active') {
      await throttle.failed(attempt)
      return login.reject('invalid_credentials')
    }
    let secondFactor: 'totp' | 'recovery' | undefined
    if (account.state.totp !== undefined) {
      if (code === undefined) return login.reject('second_factor_required')
      secondFactor = await verifySecondFactor(bound, account, code, use)
      if (secondFactor === undefined) {
        await throttle.failed(attempt)
        return login.reject('second_factor_required')
      }
    }
    if (verdict === 'stale') await hashAnew(bound, account.state, password)
    return startSession(context, bound, { account, method: 'password', secondFactor, attempt })
  })
}

/** In place: the event that names it still says what is true. Whoever was faster has done as much. */
async function hashAnew(
  { credentials, passwords }: Pick<Bound, 'credentials' | 'passwords'>,
  { password: id }: Pick<AccountState, 'password'>,
  password: string,
): Promise<void> {
  if (id === undefined) return
  const found = await credentials.get(passwordKey(id))
  if (found === undefined) return
  const { subject, expiresAt, version } = found
  await credentials.put(passwordKey(id), { subject, value: await passwords.hash(password), expiresAt }, version)
}
