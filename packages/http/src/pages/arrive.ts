// Where a sign-in ends: the browser has its session, and whoever has one identity acts as it at once.
import { carrying } from './after.ts'
import { paths } from './paths.ts'
import type { Answer, Visit } from './visit.ts'
import type { SessionTokens } from './visitors.ts'

/** Who somebody can act as. */
export interface IdentityChoice {
  readonly tenant: string
  readonly tenantName: string
  readonly identity: string
  readonly name?: string | undefined
}

export async function arrive(visit: Visit, tokens: SessionTokens): Promise<Answer> {
  const caller = await visit.signIn(tokens)
  const to = { to: visit.after ?? visit.settings.after }
  // An invitation is accepted by an account, whoever it acts as.
  if (tokens.identity !== undefined || to.to === paths.invitation) return to
  const choice = { to: `${paths.identity}${carrying(visit.after)}` }
  const said = await visit.ask<readonly IdentityChoice[]>('Auth.Identities', undefined, caller)
  const [only, ...more] = said.ok ? said.result : []
  if (only === undefined || more.length > 0) return choice
  const { tenant, identity } = only
  const selected = await visit.run<SessionTokens>('Auth.SelectIdentity', { tenant, identity }, caller)
  if (!selected.ok) return choice
  await visit.signIn(selected.result)
  return to
}
