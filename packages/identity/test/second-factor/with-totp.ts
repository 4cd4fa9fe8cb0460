// Somebody with an authenticator, and what signing in with its codes comes to.
import { TOTP } from 'otpauth'
import { login } from '../../src/auth/auth-contracts.ts'
import { confirmTotp, startTotp } from '../../src/second-factor/second-factor-contracts.ts'
import { password } from '../open-identity.ts'
import type { Person, TestIdentity } from '../open-identity.ts'

export const email = 'ann@shop.example'

export function codeOf(secret: string, atMs: number): string {
  return new TOTP({ secret }).generate({ timestamp: atMs })
}

/** Some minutes ago, so that no step of the set-up is in the way. `other`: a second session. */
export async function withTotp(app: TestIdentity): Promise<{
  readonly ann: Person
  readonly other: Person
  readonly secret: string
  readonly recoveryCodes: readonly string[]
}> {
  const ann = await app.signUp(email)
  const other = await app.signIn(email)
  const { secret } = await app.done(startTotp({}), ann)
  const { recoveryCodes } = await app.done(confirmTotp({ code: codeOf(secret, app.now()) }), ann)
  app.advance(5 * 60_000)
  return { ann, other, secret, recoveryCodes }
}

/** `in`, or the code of the rejection. */
export async function signsIn(app: TestIdentity, code: string | undefined): Promise<string> {
  const outcome = await app.dispatch(login({ email, password, code }))
  return outcome.ok ? 'in' : outcome.rejection.code
}
