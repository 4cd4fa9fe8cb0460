// The import: reads invoices, sends one command for each, counts what becomes of them. Streams, so memory stays flat.
import { randomUUID } from 'node:crypto'
import { commandOf, keyOf, laneOf } from './command-of.ts'
import { createLanes } from './lanes.ts'
import { readInvoices } from './read-invoices.ts'
import type { Invoice } from './read-invoices.ts'
import type { UnreadableEntry } from './read-rows.ts'
import { sendUntilDecided } from './send-until-decided.ts'
import { createTally } from './tally.ts'
import type { Tally } from './tally.ts'
import { Refused } from './target.ts'
import type { Target } from './target.ts'

export interface ImportOptions {
  readonly file: string
  readonly target: Target
  /** Invoices in flight at most. Default 64. */
  readonly concurrency?: number | undefined
  /** How long one invoice is sent again when the shop does not answer. Default 60 s. */
  readonly patienceMs?: number | undefined
  /** Ends the reading; what is in flight is still decided and counted. */
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((tally: Tally, bytesRead: number) => void) | undefined
  /** Told at once, because a person has to look at each. */
  readonly onTrouble?:
    | ((trouble: UnreadableEntry | { readonly invoiceNo: string; readonly problem: string }) => void)
    | undefined
}
export const concurrencyDefault = 64
export const patienceMsDefault = 60_000

/** Errors: `NotInvoices`, `GaveUp`; those of the file system and of the target. A second run adds no event. */
export async function runImport({
  file,
  target,
  signal,
  onProgress,
  onTrouble,
  ...options
}: ImportOptions): Promise<Tally> {
  const { concurrency = concurrencyDefault, patienceMs = patienceMsDefault } = options
  const tally = createTally()
  const lanes = createLanes(concurrency)
  // Ends what is still being sent again once the import has failed.
  const failed = new AbortController()

  const decide = async (invoice: Invoice): Promise<void> => {
    const command = commandOf(invoice)
    try {
      const send = { key: keyOf(command), commandId: randomUUID(), signal: failed.signal }
      tally.decided(await sendUntilDecided(target, command, send, patienceMs))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      tally.refused(error)
      onTrouble?.({ invoiceNo: invoice.invoiceNo, problem: error.message })
    }
    onProgress?.(tally, invoice.bytesRead)
  }
  try {
    for await (const entry of readInvoices(file)) {
      if (signal?.aborted === true) break
      if (entry.kind === 'invoice') await lanes.add(laneOf(entry), () => decide(entry))
      else {
        tally.couldNotRead()
        onTrouble?.(entry)
      }
    }
    await lanes.idle()
    return tally
  } catch (error) {
    failed.abort(error)
    await lanes.idle().catch(() => undefined)
    throw error
  }
}
