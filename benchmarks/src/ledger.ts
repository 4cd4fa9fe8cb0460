// The domain of the history suite: ledgers that get one entry by a command, or very many.
import { aggregate, command, createApp, domain, event } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { z } from 'zod'
import { inLanes } from './measure.ts'

const entriesMax = 1_000
const ledgerId = z.string().min(1).max(64)
export const enter = command('Ledger.Enter', { input: z.object({ ledgerId, pence: z.int().positive() }) })
const enterMany = command('Ledger.EnterMany', {
  input: z.object({ ledgerId, entries: z.int().min(1).max(entriesMax) }),
})

const Entry = z.object({ pence: z.int(), note: z.string() })
export type Entry = z.infer<typeof Entry>
const Entered = event('Ledger.Entered', Entry)

export interface LedgerState {
  readonly entries: number
  readonly pence: number
}
export const emptyLedger: LedgerState = { entries: 0, pence: 0 }
export function withEntry(ledger: LedgerState, { pence }: Entry): LedgerState {
  return { entries: ledger.entries + 1, pence: ledger.pence + pence }
}
export function entryOf(index: number): Entry {
  return { pence: 1 + (index % 97), note: 'entry of the month' }
}

function ledgerApp(snapshotEvery: number | undefined) {
  const Ledger = aggregate('Ledger', () => emptyLedger, { snapshotEvery }).on(Entered, withEntry)
  const handlers = [
    Ledger.decide(enter, 'ledgerId', (_, { pence }) => [Entered({ pence, note: 'entry of the month' })]),
    Ledger.decide(enterMany, 'ledgerId', (ledger, { entries }) =>
      Array.from({ length: entries }, (_, index) => Entered(entryOf(ledger.entries + index))),
    ),
  ]
  return createApp('ledgers', { domains: [domain('Ledger', { permissions: 'anonymous', handlers })] })
}

export function startLedgers(store: Backend, cachedAggregatesMax: number, snapshotEvery?: number) {
  return ledgerApp(snapshotEvery).start({ store, cachedAggregatesMax })
}
export type Ledgers = Awaited<ReturnType<typeof startLedgers>>

/** Gives each of these ledgers this many entries. */
export async function fill(ledgers: Ledgers, ids: readonly string[], entries: number): Promise<void> {
  await inLanes(64, 0, ids.length, async (index) => {
    for (let left = entries; left > 0; left -= entriesMax)
      await ledgers.dispatch(enterMany({ ledgerId: ids[index] ?? '', entries: Math.min(left, entriesMax) }))
  })
}
