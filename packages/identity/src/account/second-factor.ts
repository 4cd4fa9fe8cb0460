// The second factor at sign-in: a code of the authenticator, or a recovery code. Either counts once, whichever process it comes to first.
import { randomUUID } from 'node:crypto'
import type { Bound } from '../bound.ts'
import { takeRecoveryCode } from '../second-factor/recovery-codes.ts'
import { takeStep } from '../second-factor/totp.ts'
import type { AccountState } from './account.ts'

/**
 * What a code was, or nothing when it is wrong, was used before, or the account has no second factor. How often one may try is the
 * caller's to bound. A right code is used up at once, also when the command that asks fails after it.
 * @param use An id that stays the same when the handler runs again, such as `context.newId()`: the same use finds its own code right.
 * Errors: `store_*`, `key_unreadable`.
 */
export async function verifySecondFactor(
  { credentials, settings }: Pick<Bound, 'credentials' | 'settings'>,
  { state: { totp } }: { readonly id: string; readonly state: Pick<AccountState, 'totp'> },
  code: string,
  use: string = randomUUID(),
): Promise<'totp' | 'recovery' | undefined> {
  if (totp === undefined) return undefined
  const digits = code.replace(/\s/g, '')
  if (/^\d{6}$/.test(digits)) {
    const isRight = await takeStep({ credentials, nowMs: settings.now() }, totp.credential, digits, use)
    return isRight ? 'totp' : undefined
  }
  return (await takeRecoveryCode(credentials, totp.recovery, code, use)) ? 'recovery' : undefined
}
