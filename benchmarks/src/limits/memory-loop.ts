// The limit in memory: what a command costs when it is written out by hand. The same validation, decision and id, one push,
// one map update; an async function per command, awaited, as anything with a store behind it would be. Nothing else.
import { Deposit, depositOf, noAccount, penceMax } from '../account.ts'
import type { Account, Balance } from '../account.ts'
import { inLanes } from '../measure.ts'
import type { Subject } from '../measure.ts'
import { uuidV7 } from './uuid-v7.ts'

interface Deposited {
  readonly id: string
  readonly type: 'Account.Deposited'
  readonly accountId: string
  readonly version: number
  readonly data: { readonly pence: number; readonly note: string }
  readonly recordedAt: number
}

export async function memoryLoop(concurrency: number, hasReadModel: boolean): Promise<Subject> {
  const log: Deposited[] = []
  const accounts = new Map<string, Account>()
  const balances = new Map<string, Balance>()

  const handleDeposit = async (input: unknown): Promise<string> => {
    const { accountId, pence, note } = Deposit.parse(input)
    const account = accounts.get(accountId) ?? noAccount
    if (account.pence + pence > penceMax) throw new Error('The account holds as much as it may.')
    const version = account.deposits + 1
    const event: Deposited = {
      id: uuidV7(),
      type: 'Account.Deposited',
      accountId,
      version,
      data: { pence, note },
      recordedAt: Date.now(),
    }
    log.push(event)
    accounts.set(accountId, { pence: account.pence + pence, deposits: version })
    if (hasReadModel) project(event)
    return event.id
  }
  const project = ({ accountId, data }: Deposited): void => {
    const row = balances.get(accountId) ?? { accountId, pence: 0, deposits: 0 }
    balances.set(accountId, { ...row, pence: row.pence + data.pence, deposits: row.deposits + 1 })
  }

  return {
    run: (first, count) => inLanes(concurrency, first, count, (index) => handleDeposit(depositOf(index))),
    [Symbol.asyncDispose]: async () => {
      log.length = 0
    },
  }
}
