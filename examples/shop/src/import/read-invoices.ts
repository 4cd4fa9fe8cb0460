// Makes invoices of the rows of a file: neighbouring rows with one invoice number are one invoice. What cannot be read
// comes out as an entry of its own, and spoils the whole invoice: half an invoice is worse than none.
import type { InvoiceLine } from '../order/invoice-line.ts'
import { readRows } from './read-rows.ts'
import type { ReadRow, UnreadableEntry } from './read-rows.ts'

export interface Invoice {
  readonly kind: 'invoice'
  readonly invoiceNo: string
  readonly customerId: string | null
  readonly country: string
  readonly lines: readonly InvoiceLine[]
  /** Bytes of the file that were read when the invoice was complete. */
  readonly bytesRead: number
}
/** An invoice whose rows are still coming. */
interface Open extends Omit<Invoice, 'kind' | 'bytesRead'> {
  readonly kind: 'open'
  readonly lines: InvoiceLine[]
}

/** Errors: `NotInvoices`; those of the file system; the signal's reason. */
export async function* readInvoices(file: string, signal?: AbortSignal): AsyncGenerator<Invoice | UnreadableEntry> {
  let open: Open | UnreadableEntry | undefined
  let bytesRead = 0
  for await (const row of readRows(file, signal)) {
    bytesRead = row.bytesRead
    if (row.kind === 'unreadable' && row.invoiceNo === undefined) yield row
    else if (open !== undefined && open.invoiceNo === row.invoiceNo) open = joined(open, row)
    else {
      if (open !== undefined) yield finished(open, bytesRead)
      open = opened(row)
    }
  }
  if (open !== undefined) yield finished(open, bytesRead)
}

function opened(row: ReadRow | UnreadableEntry): Open | UnreadableEntry {
  if (row.kind === 'unreadable') return row
  const { invoiceNo, customerId, country, line } = row
  return { kind: 'open', invoiceNo, customerId, country, lines: [line] }
}

/** Once a row spoiled an invoice it stays spoiled, by the first problem. */
function joined(open: Open | UnreadableEntry, row: ReadRow | UnreadableEntry): Open | UnreadableEntry {
  if (open.kind === 'unreadable') return open
  if (row.kind === 'unreadable') return row
  if (row.customerId !== open.customerId || row.country !== open.country) {
    const problem = 'names another customer or country than the lines before it'
    return {
      kind: 'unreadable',
      invoiceNo: row.invoiceNo,
      lineNumber: row.lineNumber,
      problem,
      bytesRead: row.bytesRead,
    }
  }
  open.lines.push(row.line)
  return open
}

function finished(open: Open | UnreadableEntry, bytesRead: number): Invoice | UnreadableEntry {
  return open.kind === 'unreadable' ? open : { ...open, kind: 'invoice', bytesRead }
}
