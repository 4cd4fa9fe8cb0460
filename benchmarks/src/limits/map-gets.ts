// The limit of a get: a look into a map, in an asynchronous function that is awaited.
import type { Subject } from '../measure.ts'
import { accountOf, liveAccounts, noBalance } from '../moves.ts'

export async function mapGets(): Promise<Subject> {
  const accounts = new Map(
    Array.from({ length: liveAccounts }, (_, at) => [accountOf(at), noBalance(accountOf(at))] as const),
  )
  const get = async (account: string) => accounts.get(account)
  return {
    run: async (first, count) => {
      let moves = 0
      for (let at = first; at < first + count; at++) moves += (await get(accountOf(at)))?.moves ?? 0
      return moves
    },
    [Symbol.asyncDispose]: async () => undefined,
  }
}
