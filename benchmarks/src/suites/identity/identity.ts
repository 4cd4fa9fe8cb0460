// Accounts: what it costs to be somebody, and what a flood of sign-ins does to everybody else. Each part can be measured alone, as
// `identity/<part>`.
import type { Suite } from '../suite.ts'
import { flooded } from './flooded.ts'
import { newTokens } from './new-tokens.ts'
import { signIns } from './sign-ins.ts'
import { warmToken } from './warm-token.ts'

export const identityParts: ReadonlyMap<string, Suite> = new Map([
  ['warm-token', warmToken],
  ['new-tokens', newTokens],
  ['flood', flooded],
  ['sign-ins', signIns],
])

export const identity: Suite = async function* (settings) {
  for (const part of identityParts.values()) yield* part(settings)
}
