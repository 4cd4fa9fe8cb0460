// The domain of the read-models suite: accounts whose moves are folded into views. A move has about 150 bytes, and its account stands in
// its data, so that neighbours in the log write different rows.
import { aggregate, command, createApp, domain, event, handle, projection, query, readModel } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { z } from 'zod'
import { eventsPerCommit, loadedId } from './limits/load-log.ts'
import type { LoadedEvents } from './limits/load-log.ts'

const Move = z.object({ account: z.string().min(1).max(64), pence: z.int(), note: z.string().max(200) })
export type Move = z.infer<typeof Move>
export interface Balance {
  readonly account: string
  readonly pence: number
  readonly moves: number
}
export const noBalance = (account: string): Balance => ({ account, pence: 0, moves: 0 })
export const withMove = (balance: Balance, { pence }: Move): Balance => ({
  account: balance.account,
  pence: balance.pence + pence,
  moves: balance.moves + 1,
})

const Moved = event('Bench.Moved', Move)
export const move = command('Bench.Move', { input: Move })
const Account = aggregate('Bench.Account', () => noBalance('')).on(Moved, withMove)
const Accounts = projection(Account)
const byAccount = z.object({ account: z.string() })

/** Moves that the view has taken in for an account. */
export const movesSeen = query('Bench.MovesSeen', { input: byAccount, result: z.int() })
/** Rows of the view. */
export const rowsSeen = query('Bench.RowsSeen', { input: z.object({}), result: z.int() })
/** Gets that many projected accounts, one after the other, in one handler. */
export const getMany = query('Bench.GetMany', { input: z.object({ first: z.int(), count: z.int() }), result: z.int() })

/** `account`: a row per account. `event`: every event has a row of its own. */
export type RowPer = 'account' | 'event'
export const viewKey = (per: RowPer, { account }: Move, eventId: string): string =>
  per === 'account' ? account : eventId

export const viewName = (at: number): string => `Bench.Balance${at}`
/** Items of the history of an account, asked for in the handler. */
export const itemsOfHistory = query('Bench.ItemsOfHistory', {
  input: z.object({ id: z.string(), limit: z.int() }),
  result: z.int(),
})

export interface MovesOptions {
  readonly rowPer?: RowPer
  /** Read models that are all alike, each with rows of its own. Default 1. */
  readonly views?: number
  readonly hasProjection?: boolean
}

export function startMoves(store: Backend, options: MovesOptions = {}) {
  const { rowPer = 'account', views = 1, hasProjection = false } = options
  const balances = Array.from({ length: views }, (_, at) =>
    readModel(viewName(at), noBalance).on(Moved, (data, { id }) => viewKey(rowPer, data, id), withMove),
  )
  const [first] = balances
  const handlers = [
    Account.decide(move, 'account', (_, { account, pence, note }) => [Moved({ account, pence, note })]),
    handle(movesSeen, async ({ account }, { read }) => (first && (await read(first).get(account))?.moves) ?? 0),
    handle(rowsSeen, async (_, { read }) => (first === undefined ? 0 : (await read(first).list({ limit: 1 })).total)),
    handle(itemsOfHistory, async ({ id, limit }, { history }) => (await history(Account, id, { limit })).items.length),
    handle(getMany, async ({ first: from, count }, { read }) => {
      let moves = 0
      const accounts = read(Accounts)
      for (let at = from; at < from + count; at++) moves += (await accounts.get(accountOf(at)))?.state.moves ?? 0
      return moves
    }),
  ] as const
  const readModels = hasProjection ? [Accounts] : balances
  return createApp('bench', { domains: [domain('Bench', { permissions: 'anonymous', handlers, readModels })] }).start({
    store,
  })
}
export type Moves = Awaited<ReturnType<typeof startMoves>>

const digits = 8
/** Accounts of commands; a loaded log has more. */
export const liveAccounts = 1_000
const accountIds = Array.from({ length: liveAccounts }, (_, at) => accountId(at))

export function accountOf(index: number): string {
  return accountIds[index % liveAccounts] ?? ''
}

export function moveOf(index: number): Move {
  return { account: accountOf(index), pence: 1 + (index % 97), note }
}

const note = 'salary of the month, paid in as agreed in the contract of the year before, without deductions'
function accountId(at: number): string {
  return `account-${String(at).padStart(digits, '0')}`
}

/** Prime, so that neighbours in the log lie far apart in the view. */
const stride = 7_919
/** Events of each stream of a loaded log. */
export const eventsPerStream = 100

/** Streams of a loaded log, all of the same length. */
function streamsOf(events: number): number {
  return Math.max(1, Math.floor(events / eventsPerStream))
}

/** The id of one of them: neighbours by number lie far apart. */
export function streamOf(events: number, number: number): string {
  return loadedId((number * stride) % streamsOf(events))
}

/** A log of so many moves: as many accounts as a tenth of them, and streams of a hundred events. */
export function loadedMoves(events: number): LoadedEvents {
  const accounts = Math.max(1, Math.floor(events / 10))
  return {
    aggregateType: 'Bench.Account',
    type: 'Bench.Moved',
    aggregates: streamsOf(events),
    data: (commit, index) => {
      const account = accountId(((commit * eventsPerCommit + index) * stride) % accounts)
      return JSON.stringify({ account, pence: 1 + (commit % 97), note } satisfies Move)
    },
    dataSql: `'{"account":"account-' || lpad((((n * ${eventsPerCommit} + i) * ${stride}) % ${accounts})::text, ${digits}, '0')
      || '","pence":' || 1 + n % 97 || ',"note":"${note}"}'`,
  }
}
