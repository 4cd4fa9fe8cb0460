// Counts what became of every invoice. All of them end in one of four places; none is skipped.
import type { Decided, Refused } from './target.ts'

export interface Tally {
  readonly sales: number
  readonly returns: number
  /** By rejection code. */
  readonly rejected: ReadonlyMap<string, { readonly count: number; readonly reason: string }>
  /** By error code: what the shop could not decide at all. */
  readonly failed: ReadonlyMap<string, { readonly count: number; readonly reason: string }>
  /** Invoices (and rows without a number) that could not be read, so no command was sent. */
  readonly unreadable: number
  readonly newEvents: number
}
export interface Counting extends Tally {
  decided(outcome: Decided): void
  refused(error: Refused): void
  couldNotRead(): void
}

export function createTally(): Counting {
  const rejected = new Map<string, { count: number; reason: string }>()
  const failed = new Map<string, { count: number; reason: string }>()
  const tally = {
    sales: 0,
    returns: 0,
    rejected,
    failed,
    unreadable: 0,
    newEvents: 0,
    decided: (outcome: Decided): void => {
      if (!outcome.accepted) return count(rejected, outcome.code, outcome.reason)
      if (outcome.kind === 'sale') tally.sales++
      else tally.returns++
      tally.newEvents += outcome.newEvents
    },
    refused: ({ code, message }: Refused): void => count(failed, code, message),
    couldNotRead: (): void => {
      tally.unreadable++
    },
  }
  return tally
}

export function acceptedIn({ sales, returns }: Tally): number {
  return sales + returns
}

export function countsIn(codes: Tally['rejected']): number {
  return [...codes.values()].reduce((sum, counted) => sum + counted.count, 0)
}

export function invoicesIn(tally: Tally): number {
  return acceptedIn(tally) + countsIn(tally.rejected) + countsIn(tally.failed) + tally.unreadable
}

function count(codes: Map<string, { count: number; reason: string }>, code: string, reason: string): void {
  const counted = codes.get(code)
  if (counted === undefined) codes.set(code, { count: 1, reason })
  else counted.count++
}
