// Counts of attempts, each one row among the credentials that is changed by the version that was read: two processes at once lose none.
import { GestaError, systemTenant } from '@gesta/core'
import type { Credential, CredentialKey, Credentials } from '@gesta/core'

export interface Budget {
  /** Attempts that cost nothing. */
  readonly free: number
  /** What the first one beyond them waits; each further one twice as long, to `maxMs`. */
  readonly firstMs: number
  readonly maxMs: number
  /** Without an attempt for so long everything is forgotten. */
  readonly forgottenMs: number
}
/** Ids are hashes. Errors of all: `store_*`, `key_unreadable`. */
export interface ThrottleCounts {
  /** How long to wait before the next attempt; 0: not at all. */
  waitMs(id: string, budget: Budget): Promise<number>
  /** Counts an attempt; when it has to wait it is not counted, and told how long. */
  take(id: string, budget: Budget): Promise<number>
  giveBack(id: string, budget: Budget): Promise<void>
  clear(id: string): Promise<void>
  /** Lasts `lifetimeMs` from the last time, give or take the half of it. */
  mark(id: string, lifetimeMs: number): Promise<void>
  isMarked(id: string, lifetimeMs: number): Promise<boolean>
}
/** Times in milliseconds since 1970. */
type Count = { readonly count: number; readonly at: number }

const kind = 'throttle'
/** Whoever loses so many races is one of very many who try the same at once. */
const triesMax = 64
const none: Count = { count: 0, at: 0 }

export function createThrottleCounts({
  credentials,
  now,
}: {
  readonly credentials: Credentials
  readonly now: () => number
}): ThrottleCounts {
  /** In this process one after the other, so that only processes race each other. */
  const turns = new Map<string, Promise<unknown>>()
  const inTurn = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
    const before = turns.get(id)
    const turn = before === undefined ? work() : before.then(work, work)
    turns.set(id, turn)
    try {
      return await turn
    } finally {
      if (turns.get(id) === turn) turns.delete(id)
    }
  }
  const countOf = (found: Credential | undefined, { forgottenMs }: Budget): Count => {
    const kept = found?.value as Count | undefined
    return kept === undefined || now() - kept.at >= forgottenMs ? none : kept
  }
  const wait = ({ count, at }: Count, { free, firstMs, maxMs }: Budget): number =>
    count < free ? 0 : Math.max(0, at + Math.min(maxMs, firstMs * 2 ** Math.min(count - free, 32)) - now())

  /** `next` of the count that is there now; without one nothing changes. */
  const change = (id: string, budget: Budget, next: (before: Count) => Count | undefined): Promise<void> =>
    inTurn(id, async () => {
      for (let tries = 0; tries < triesMax; tries++) {
        const found = await credentials.get(keyOf(id))
        const value = next(countOf(found, budget))
        if (value === undefined) return
        const expiresAt = (value.at + budget.forgottenMs) * 1_000
        if (await credentials.put(keyOf(id), { subject: id, value, expiresAt }, found?.version ?? 0)) return
      }
      throw new GestaError('rate_limited', 'Very many try the same at once. Try again later.', {
        facts: { retryAfterMs: 1_000 },
      })
    })
  return {
    waitMs: async (id, budget) => wait(countOf(await credentials.get(keyOf(id)), budget), budget),
    take: async (id, budget) => {
      let waitMs = 0
      await change(id, budget, (before) => {
        waitMs = wait(before, budget)
        return waitMs > 0 ? undefined : { count: before.count + 1, at: now() }
      })
      return waitMs
    },
    giveBack: (id, budget) =>
      change(id, budget, ({ count, at }) => (count === 0 ? undefined : { count: count - 1, at })),
    clear: (id) => inTurn(id, async () => void (await credentials.remove(keyOf(id)))),
    mark: (id, lifetimeMs) =>
      inTurn(id, async () => {
        const at = now()
        const found = await credentials.get(keyOf(id))
        if (found !== undefined && (found.value as Count).at + lifetimeMs / 2 > at) return
        const expiresAt = (at + lifetimeMs) * 1_000
        const marked = { subject: id, value: { count: 1, at }, expiresAt }
        // Whoever was faster marked it too.
        await credentials.put(keyOf(id), marked, found?.version ?? 0)
      }),
    isMarked: async (id, lifetimeMs) => {
      const marked = await credentials.get(keyOf(id))
      return marked !== undefined && (marked.value as Count).at + lifetimeMs > now()
    },
  }
}

function keyOf(id: string): CredentialKey {
  return { tenant: systemTenant, kind, id }
}
