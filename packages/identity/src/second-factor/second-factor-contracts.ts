// What the domain SecondFactor can be told: all of it concerns the account of who asks.
import { command } from '@gesta/core'
import { z } from 'zod'
import type { Told } from '../input.ts'

/** As long as any password may be. */
export const password: z.ZodType<string, string> = z.string().min(1).max(1_024)
const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()).readonly() })
export interface RecoveryCodes {
  readonly recoveryCodes: readonly string[]
}
export interface StartedTotp {
  /** Base32, for people who type it. */
  readonly secret: string
  /** `otpauth://...`, for a QR code. */
  readonly uri: string
}

const wrong = { invalid_credentials: 'The password is wrong.' }
const again = { sign_in_again: 'The sign-in was a while ago. Sign in again, or send the password.' }
const active = { totp_active: 'The account has an authenticator. Remove it first.' }
const inactive = { totp_inactive: 'The account has no authenticator.' }

export const startTotp: Told<
  'SecondFactor.StartTotp',
  { readonly password?: string | undefined },
  StartedTotp,
  'totp_active' | 'invalid_credentials' | 'sign_in_again'
> = command('SecondFactor.StartTotp', {
  description: 'Begin to set up an authenticator for the own account',
  input: z.object({ password: password.optional() }),
  result: z.object({ secret: z.string(), uri: z.string() }),
  rejections: { ...active, ...wrong, ...again },
  redact: { password: 'secret' },
  secretResult: true,
})
export const confirmTotp: Told<
  'SecondFactor.ConfirmTotp',
  { readonly code: string },
  RecoveryCodes,
  'totp_active' | 'not_started' | 'invalid_code'
> = command('SecondFactor.ConfirmTotp', {
  description: 'Make the authenticator count that was set up',
  input: z.object({ code: z.string().min(6).max(16) }),
  result: recoveryCodes,
  rejections: {
    ...active,
    not_started: 'No authenticator was begun within the last 15 minutes. Begin again.',
    invalid_code: 'The code is not the one of now. Check the clock of the device, and send the next one.',
  },
  redact: { code: 'secret' },
  secretResult: true,
  audited: true,
})
export const removeTotp: Told<
  'SecondFactor.RemoveTotp',
  { readonly password: string },
  void,
  'totp_inactive' | 'invalid_credentials'
> = command('SecondFactor.RemoveTotp', {
  description: 'Remove the authenticator of the own account; all other sessions end',
  input: z.object({ password }),
  rejections: { ...inactive, ...wrong },
  redact: { password: 'secret' },
  audited: true,
})
export const replaceRecoveryCodes: Told<
  'SecondFactor.ReplaceRecoveryCodes',
  { readonly password: string },
  RecoveryCodes,
  'totp_inactive' | 'invalid_credentials'
> = command('SecondFactor.ReplaceRecoveryCodes', {
  description: 'Get new recovery codes; those of before no longer count',
  input: z.object({ password }),
  result: recoveryCodes,
  rejections: { ...inactive, ...wrong },
  redact: { password: 'secret' },
  secretResult: true,
  audited: true,
})
