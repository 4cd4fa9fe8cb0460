// Contracts as a published package writes them, annotated: data types first. messages.test.ts compiles it with isolatedDeclarations.
import { z } from 'zod'
import { aggregate, command, domain, event, handle, projection, query } from '@gesta/core'
import type {
  Aggregate,
  CommandContract,
  Domain,
  DomainEventContract,
  Event,
  Handler,
  Projection,
  QueryContract,
} from '@gesta/core'

export interface RegisterAccount {
  readonly accountId: string
  readonly email: string
}
export const registerAccount: CommandContract<'Account.Register', RegisterAccount, void, { taken: undefined }> =
  command('Account.Register', {
    input: z.object({ accountId: z.string(), email: z.email() }),
    rejections: { taken: 'This address is taken.' },
  })
export interface GetAccount {
  readonly accountId: string
}
export interface AccountView {
  readonly email: string
}
export const getAccount: QueryContract<'Account.Get', GetAccount, AccountView | null> = query('Account.Get', {
  input: z.object({ accountId: z.string() }),
  result: z.object({ email: z.string() }).nullable(),
})
export interface AccountRegistered {
  readonly email: string
}
export const Registered: DomainEventContract<'Account.Registered', AccountRegistered> = event(
  'Account.Registered',
  z.object({ email: z.string() }),
)

export interface AccountState {
  readonly email: string | undefined
}
export type AccountEvent = Event<'domain', 'Account.Registered', AccountRegistered>
export const Account: Aggregate<'Account', AccountState, AccountEvent> = aggregate('Account', (): AccountState => ({
  email: undefined,
})).on(Registered, (_, { email }) => ({ email }))
export const accounts: Projection<'Account', AccountState> = projection(Account)

const register: Handler<typeof registerAccount> = Account.decide(registerAccount, 'accountId', (account, { email }) =>
  account.email === undefined ? [Registered({ email })] : registerAccount.reject('taken'),
)
const get: Handler<typeof getAccount> = handle(getAccount, async ({ accountId }, { read }) => {
  const found = await read(accounts).get(accountId)
  return found?.state.email === undefined ? null : { email: found.state.email }
})
export const accountDomain: Domain<'Account', typeof registerAccount | typeof getAccount> = domain('Account', {
  handlers: [register, get],
  permissions: { 'Account.Register': 'anonymous', 'Account.Get': 'authorized' },
  aggregates: [Account],
  readModels: [accounts],
})
