// What the domain Passkey can be told. Options and responses are as browsers make them (WebAuthn, the JSON forms).
import { command } from '@gesta/core'
import { z } from 'zod'
import { sessionTokens } from '../auth/session-tokens.ts'
import type { SessionTokens } from '../auth/session-tokens.ts'
import { id, name } from '../input.ts'
import type { Told } from '../input.ts'
import { password } from '../second-factor/second-factor-contracts.ts'
import { assertion, creationOptions, registration, requestOptions } from './web-authn.ts'
import type { Assertion, CreationOptions, Registration, RequestOptions } from './web-authn.ts'

const wrong = { invalid_credentials: 'That does not prove who you are. Begin again.' }
const again = { sign_in_again: 'The sign-in was a while ago. Sign in again, or send the password.' }
const passkeyId = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .max(512)

export const start: Told<
  'Passkey.Start',
  { readonly password?: string | undefined },
  { readonly options: CreationOptions },
  'invalid_credentials' | 'sign_in_again' | 'too_many_passkeys'
> = command('Passkey.Start', {
  description: 'Begin to add a passkey to the own account',
  input: z.object({ password: password.optional() }),
  result: z.object({ options: creationOptions }),
  rejections: { ...wrong, ...again, too_many_passkeys: 'An account has 20 passkeys at most. Remove one first.' },
  redact: { password: 'secret' },
  secretResult: true,
})
export const add: Told<
  'Passkey.Add',
  { readonly response: Registration; readonly name: string },
  { readonly passkey: string },
  'invalid_credentials' | 'too_many_passkeys'
> = command('Passkey.Add', {
  description: 'Add a passkey to the own account',
  input: z.object({ response: registration, name }),
  result: z.object({ passkey: z.string() }),
  rejections: { ...wrong, too_many_passkeys: 'An account has 20 passkeys at most. Remove one first.' },
  redact: { response: 'secret', name: 'personal' },
  audited: true,
})
export const remove: Told<
  'Passkey.Remove',
  { readonly passkey: string; readonly password?: string | undefined },
  void,
  'invalid_credentials' | 'sign_in_again' | 'unknown_passkey' | 'last_sign_in'
> = command('Passkey.Remove', {
  description: 'Remove a passkey of the own account; all other sessions end',
  input: z.object({ passkey: passkeyId, password: password.optional() }),
  rejections: {
    ...wrong,
    ...again,
    unknown_passkey: 'The account has no such passkey.',
    last_sign_in: 'It is the only way to sign in: the account has no password. Set one, or add another passkey.',
  },
  redact: { password: 'secret' },
  audited: true,
})
export const startLogin: Told<
  'Passkey.StartLogin',
  void,
  { readonly options: RequestOptions; readonly challenge: string }
> = command('Passkey.StartLogin', {
  description: 'Begin to sign in with a passkey',
  result: z.object({ options: requestOptions, challenge: z.string() }),
  secretResult: true,
})
export const login: Told<
  'Passkey.Login',
  { readonly response: Assertion; readonly challenge: string; readonly device?: string | undefined },
  SessionTokens,
  'invalid_credentials'
> = command('Passkey.Login', {
  description: 'Sign in with a passkey',
  input: z.object({ response: assertion, challenge: id, device: z.string().max(256).optional() }),
  result: sessionTokens,
  rejections: wrong,
  redact: { response: 'secret', challenge: 'secret', device: 'secret' },
  secretResult: true,
  audited: true,
})
