// What of the domain Auth concerns identities: the first administrator, which identities an account has, and what an invitation is for.
import { command, query } from '@gesta/core'
import { z } from 'zod'
import { codeText, emailAddress, passwordRefusals, passwordText } from '../account/account-contracts.ts'
import type { SetsPassword } from '../account/account-contracts.ts'
import { sessionTokens } from '../auth/session-tokens.ts'
import type { SessionTokens } from '../auth/session-tokens.ts'
import { name } from '../input.ts'
import type { Asked } from '../input.ts'

export interface FirstAdministrator {
  readonly code: string
  readonly email: string
  readonly password: string
  readonly name: string
}
export const setUp: SetsPassword<
  'Auth.SetUp',
  FirstAdministrator,
  SessionTokens,
  'invalid_code' | 'already_set_up' | 'email_taken'
> = command('Auth.SetUp', {
  description: 'Make the first administrator with the code that the app told when it started',
  input: z.object({ code: codeText, email: emailAddress, password: passwordText, name }),
  result: sessionTokens,
  rejections: {
    ...passwordRefusals,
    invalid_code: 'The code is wrong or has expired. Start the app again: it tells a new one.',
    already_set_up: 'The app has an administrator. Ask for an invitation.',
    email_taken: 'There is an account with this address. Set up another one, and invite it then.',
  },
  redact: { code: 'secret', email: 'personal', password: 'secret', name: 'personal' },
  secretResult: true,
  audited: true,
})

export interface OwnIdentity {
  readonly tenant: string
  readonly tenantName: string
  readonly identity: string
  /** Absent: it was erased. */
  readonly name?: string | undefined
}
export const identities: Asked<'Auth.Identities', void, readonly OwnIdentity[]> = query('Auth.Identities', {
  description: 'See which identities one can choose from',
  result: z
    .array(z.object({ tenant: z.string(), tenantName: z.string(), identity: z.string(), name: z.string().optional() }))
    .readonly(),
  history: false,
})

export interface InvitationFound {
  readonly tenant: string
  readonly tenantName: string
  /** RFC 3339, UTC. */
  readonly expiresAt: string
}
export const invitation: Asked<'Auth.Invitation', { readonly code: string }, InvitationFound | null> = query(
  'Auth.Invitation',
  {
    description: 'See what an invitation is for',
    input: z.object({ code: codeText }),
    result: z.object({ tenant: z.string(), tenantName: z.string(), expiresAt: z.string() }).nullable(),
    history: false,
  },
)
