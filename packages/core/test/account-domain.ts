// A bank with accounts: small enough to keep in mind, with everything that a dispatch can meet.
import { z } from 'zod'
import {
  aggregate,
  command,
  domain,
  event,
  handle,
  integrationEvent,
  job,
  presentationEvent,
  projection,
  query,
  readModel,
} from '@gesta/core'

const accountId = z.string()
const pence = z.int().positive()
const tooLittle = { reason: 'There is too little money in the account.', details: z.object({ missing: z.int() }) }

export const open = command('Account.Open', {
  input: z.object({ accountId, owner: z.string() }),
  rejections: { open: 'The account is open.' },
})
export const deposit = command('Account.Deposit', {
  input: z.object({ accountId, pence }),
  result: z.object({ balance: z.int() }),
})
export const withdraw = command('Account.Withdraw', {
  input: z.object({ accountId, pence }),
  result: z.object({ balance: z.int() }),
  rejections: { too_little: tooLittle },
})
export const transfer = command('Account.Transfer', {
  input: z.object({ from: accountId, to: accountId, pence }),
  rejections: { too_little: tooLittle },
})
export const touch = command('Account.Touch', { input: z.object({ accountId }) })
export const announce = command('Account.Announce', { input: z.object({ accountId, text: z.string() }) })
export const get = query('Account.Get', {
  input: z.object({ accountId }),
  result: z.object({ balance: z.int(), version: z.int() }).nullable(),
})

export const Opened = event('Account.Opened', z.object({ owner: z.string() }))
export const Deposited = event('Account.Deposited', z.object({ pence: z.int().positive() }))
export const Withdrawn = event('Account.Withdrawn', z.object({ pence: z.int().positive() }))
export const Announced = integrationEvent('Account.Announced', z.object({ text: z.string() }))
export const Shown = presentationEvent('Account.Shown', z.object({ text: z.string() }))
export const remind = job('Account.Remind', { input: z.object({ accountId }) })

export interface AccountState {
  readonly owner: string
  readonly balance: number
}
export const Account = aggregate('Account', (): AccountState => ({ owner: '', balance: 0 }))
  .on(Opened, (account, { owner }) => ({ ...account, owner }))
  .on(Deposited, (account, { pence: more }) => ({ ...account, balance: account.balance + more }))
  .on(Withdrawn, (account, { pence: less }) => ({ ...account, balance: account.balance - less }))
export const accounts = projection(Account)
export const owners = readModel('Account.Owners', (owner) => ({ owner, accounts: 0 })).on(
  Opened,
  ({ owner }) => owner,
  (row) => ({ ...row, accounts: row.accounts + 1 }),
)

export const openAccount = Account.decide(open, 'accountId', (account, { owner }) =>
  account.owner === '' ? [Opened({ owner })] : open.reject('open'),
)
export const makeDeposit = Account.decide(deposit, 'accountId', (account, input) =>
  deposit.accept([Deposited({ pence: input.pence })], { balance: account.balance + input.pence }),
)
export const makeWithdrawal = Account.decide(withdraw, 'accountId', (account, input) =>
  account.balance < input.pence
    ? withdraw.reject('too_little', { missing: input.pence - account.balance })
    : withdraw.accept([Withdrawn({ pence: input.pence })], { balance: account.balance - input.pence }),
)
export const touchAccount = Account.decide(touch, 'accountId', () => [])
export const makeTransfer = handle(transfer, async (input, { load }) => {
  const [from, to] = await Promise.all([load(Account, input.from), load(Account, input.to)])
  if (from.state.balance < input.pence)
    return transfer.reject('too_little', { missing: input.pence - from.state.balance })
  from.emit(Withdrawn({ pence: input.pence }))
  to.emit(Deposited({ pence: input.pence }))
})
export const makeAnnouncement = Account.decide(announce, 'accountId', (_, input) => [
  Deposited({ pence: 1 }),
  Announced({ text: input.text }),
  Shown({ text: input.text }),
  remind({ accountId: input.accountId }),
])
export const getAccount = handle(get, async (input, { read }) => {
  const account = await read(accounts).get(input.accountId)
  return account === undefined ? null : { balance: account.state.balance, version: account.version }
})

/** Writes only: followers and their polling stay out of the way of tests that count timers and commits. */
export const writingDomain = domain('Account', {
  permissions: 'anonymous',
  handlers: [
    openAccount,
    makeDeposit,
    makeWithdrawal,
    touchAccount,
    makeTransfer,
    makeAnnouncement,
    handle(remind, async () => undefined),
  ],
  emits: [Announced, Shown],
})
export const accountDomain = domain('Account', {
  permissions: 'anonymous',
  handlers: [openAccount, makeDeposit, makeWithdrawal, touchAccount, makeTransfer, getAccount],
  readModels: [accounts, owners],
})
