// What an import came to, in the form in which counts are pinned.
import type { Tally } from '../src/import/tally.ts'
import type { Pinned } from './pinned-counts.ts'

export type Counts = Omit<Pinned, 'accepted'> & { readonly sales: number; readonly returns: number }

export function countsOf({ sales, returns, rejected, failed, unreadable, newEvents }: Tally): Counts {
  const codes = [...rejected, ...failed].map(([code, { count }]) => [code, count] as const)
  return { sales, returns, rejected: Object.fromEntries(codes), unreadable, events: newEvents }
}

export function pinnedCounts({ accepted, ...rest }: Pinned): Counts {
  return { sales: accepted['sale'] ?? 0, returns: accepted['return with an earlier sale'] ?? 0, ...rest }
}
