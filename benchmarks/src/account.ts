// The domain that is measured: accounts that take deposits. Small on purpose, so that what is seen is the runtime.
import { aggregate, command, createApp, domain, event, readModel } from '@gesta/core'
import type { Backend, StartOptions } from '@gesta/core'
import { z } from 'zod'

export const Deposit = z.object({
  accountId: z.string().min(1).max(64),
  pence: z.int().positive(),
  note: z.string().max(200),
})
export type Deposit = z.infer<typeof Deposit>
export interface Account {
  readonly pence: number
  readonly deposits: number
}
export const noAccount: Account = { pence: 0, deposits: 0 }
/** No account holds more: the rule that every deposit is decided by. */
export const penceMax = Number.MAX_SAFE_INTEGER

export const deposit = command('Account.Deposit', {
  input: Deposit,
  rejections: { full: 'The account holds as much as it may.' },
})
/** The same, and every one of them is in the audit log. */
export const auditedDeposit = command('Account.AuditedDeposit', {
  input: Deposit,
  rejections: { full: 'The account holds as much as it may.' },
  audited: true,
})
const Deposited = event('Account.Deposited', z.object({ pence: z.int(), note: z.string() }))

const AccountAggregate = aggregate('Account', () => noAccount).on(Deposited, (account, { pence }) => ({
  pence: account.pence + pence,
  deposits: account.deposits + 1,
}))

const handleDeposit = AccountAggregate.decide(deposit, 'accountId', (account, { pence, note }) =>
  account.pence + pence > penceMax ? deposit.reject('full') : [Deposited({ pence, note })],
)

export interface Balance {
  readonly accountId: string
  readonly pence: number
  readonly deposits: number
}
const Balances = readModel('Account.Balances', (accountId): Balance => ({
  accountId,
  pence: 0,
  deposits: 0,
})).on(
  Deposited,
  (_, { aggregate: account }) => account.id,
  (row, { pence }) => ({ ...row, pence: row.pence + pence, deposits: row.deposits + 1 }),
)

const handleAuditedDeposit = AccountAggregate.decide(auditedDeposit, 'accountId', (account, { pence, note }) =>
  account.pence + pence > penceMax ? auditedDeposit.reject('full') : [Deposited({ pence, note })],
)

const rest = { permissions: 'anonymous', handlers: [handleDeposit] } as const
const bare = createApp('accounts', { domains: [domain('Account', { ...rest, readModels: [] })] })
const withReadModel = createApp('accounts', { domains: [domain('Account', { ...rest, readModels: [Balances] })] })

const handlers = [handleDeposit, handleAuditedDeposit] as const
const asked = {
  authorized: createApp('accounts', { domains: [domain('Account', { permissions: 'authorized', handlers })] }),
  anonymous: createApp('accounts', { domains: [domain('Account', { permissions: 'anonymous', handlers })] }),
}

/** The app whose commands ask for the permission of their caller's groups, or for nothing. */
export function startAsking(level: keyof typeof asked, store: Backend, options: Omit<StartOptions, 'store'> = {}) {
  return asked[level].start({ ...options, store })
}

/** The app, with or without its one read model. */
export function startAccounts(store: Backend, hasReadModel: boolean, options: Omit<StartOptions, 'store'> = {}) {
  return (hasReadModel ? withReadModel : bare).start({ ...options, store })
}

const accountCount = 1_000
const accountIds = Array.from({ length: accountCount }, (_, index) => `account-${String(index).padStart(6, '0')}`)

/** The input of a command by its number: all accounts in turn. Both sides get exactly these. */
export function depositOf(index: number): Deposit {
  return { accountId: accountIds[index % accountCount] ?? '', pence: 1 + (index % 97), note: 'salary of the month' }
}
