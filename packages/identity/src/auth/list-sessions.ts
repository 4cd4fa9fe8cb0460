// The sessions of an account, for its owner: what the log says of them, and where they were last used from.
import { handle } from '@gesta/core'
import type { Handler } from '@gesta/core'
import { accounts } from '../account/account.ts'
import type { Binding } from '../bound.ts'
import { listSessions } from './auth-contracts.ts'
import type { SessionShown } from './auth-contracts.ts'
import { usesOf } from './refresh-tokens.ts'
import { isAlive, sessions } from './session.ts'

export function handleListSessions(binding: Binding): Handler<typeof listSessions> {
  return handle(listSessions, async (_, { context: { account = '', session: current }, read }) => {
    const bound = binding.now()
    const owner = await read(accounts).get(account)
    if (owner === undefined) return []
    const shown: SessionShown[] = []
    for (const { session, usedAt, address, userAgent } of await usesOf(bound, account)) {
      const found = await read(sessions).get(session)
      if (found === undefined || !isAlive(owner.state, found, bound.settings.now())) continue
      const { method, startedAt, expiresAt } = found.state
      if (method === undefined) continue
      const from = { ...(address !== undefined && { address }), ...(userAgent !== undefined && { userAgent }) }
      const used = new Date(usedAt).toISOString()
      shown.push({ session, method, startedAt, usedAt: used, expiresAt, ...from, isCurrent: session === current })
    }
    return shown.toSorted((one, other) => other.usedAt.localeCompare(one.usedAt))
  })
}
