// What handlers of a tenant ask of the tenant SYSTEM, where tenants and accounts lie: in the app's own name.
import { systemTenant } from '@gesta/core'
import type { CommandContext } from '@gesta/core'
import { Account } from '../account/account.ts'
import { asApp } from '../app-only.ts'
import type { Bound } from '../bound.ts'
import { id, tenantOf } from '../input.ts'
import { accountStatus, status } from './tenant-contracts.ts'

const asSystem = asApp(systemTenant)

/** As the log has it. No tenant has a name that none could be given. */
export async function isLiveTenant({ app }: Pick<Bound, 'app'>, tenantUuid: string): Promise<boolean> {
  return id.safeParse(tenantUuid).success && (await app.query(status({ tenantUuid }), asSystem)) === 'live'
}

/**
 * Whether an account can sign in, and its address was verified. As its projection has it: as new as what the caller's permission was looked
 * up with. In the tenant SYSTEM itself its version becomes a condition of the commit.
 */
export async function isActiveAccount(
  { app }: Pick<Bound, 'app'>,
  command: CommandContext,
  account: string,
): Promise<boolean> {
  if (tenantOf(command.context) === systemTenant)
    return (await command.load(Account, account)).state.status === 'active'
  return (await app.query(accountStatus({ account }), asSystem)) === 'active'
}
