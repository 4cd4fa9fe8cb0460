// A password that somebody chose: refused by the policy, or written for the event that makes it count.
import type { CommandContract, RejectedBy } from '@gesta/core'
import type { Bound } from '../bound.ts'
import { aboutAddress, checkPassword, passwordLengthMax } from '../secrets/password-policy.ts'
import type { PasswordRefusals } from './account-contracts.ts'

type Refusing = Pick<CommandContract<string, unknown, unknown, PasswordRefusals>, 'reject'>

/** Why it is refused; absent: it is not. */
export function refusalOf(
  { settings }: Pick<Bound, 'settings'>,
  contract: Refusing,
  { email, password }: { readonly email: string; readonly password: string },
): RejectedBy<PasswordRefusals> | undefined {
  switch (checkPassword(password, settings, aboutAddress(email, settings))) {
    case 'too_short':
      return contract.reject('password_too_short', { lengthMin: settings.passwordLengthMin })
    case 'too_long':
      return contract.reject('password_too_long', { lengthMax: passwordLengthMax })
    case 'common':
      return contract.reject('password_common')
    case undefined:
      return undefined
  }
}
