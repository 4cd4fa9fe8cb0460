// Which identity an account has in a tenant, for the tenant SYSTEM, where people who sign in choose one: in the app's own name.
import { handle, query } from '@gesta/core'
import type { Handler } from '@gesta/core'
import { z } from 'zod'
import { appOnly, asApp } from '../app-only.ts'
import type { Bound } from '../bound.ts'
import { id } from '../input.ts'
import type { Asked } from '../input.ts'
import { AccountBound, AccountIdentity } from './account-identity.ts'

/** For the app itself, which must not miss what was stored just now. */
export const ofAccount: Asked<'Identity.OfAccount', { readonly account: string }, string | null> = query(
  'Identity.OfAccount',
  {
    description: 'Ask which identity an account has',
    input: z.object({ account: id }),
    result: z.string().nullable(),
    history: false,
  },
)

export const handleOfAccount: Handler<typeof ofAccount> = handle(
  ofAccount,
  async ({ account }, { history }) => {
    const [last] = (await history(AccountIdentity, account, { limit: 1 })).items
    return last?.eventName === AccountBound.type ? (last.data as unknown as AccountBound).identity : null
  },
  appOnly,
)

/** As the log has it. Absent: none, or it was removed. */
export async function identityOfAccount(
  { app }: Pick<Bound, 'app'>,
  tenant: string,
  account: string,
): Promise<string | undefined> {
  return (await app.query(ofAccount({ account }), asApp(tenant))) ?? undefined
}
