// The rows of a file one by one, each read or with the reason why it cannot be.
import { fieldsOf } from './fields-of.ts'
import { columnNames, columnsOf, readRow, UnreadableRow } from './invoice-row.ts'
import type { Columns, InvoiceRow } from './invoice-row.ts'
import { linesOf } from './lines-of.ts'
import type { FileLine } from './lines-of.ts'

export interface ReadRow extends InvoiceRow {
  readonly lineNumber: number
  readonly bytesRead: number
}
export interface UnreadableEntry {
  readonly kind: 'unreadable'
  /** `undefined`: not even that could be read. */
  readonly invoiceNo: string | undefined
  readonly lineNumber: number
  readonly problem: string
  readonly bytesRead: number
}
/** The file is no table of invoices. */
export class NotInvoices extends Error {}

/** Errors: `NotInvoices`; those of the file system; the signal's reason. */
export async function* readRows(file: string, signal?: AbortSignal): AsyncGenerator<ReadRow | UnreadableEntry> {
  let columns: Columns | undefined
  for await (const line of linesOf(file, signal)) {
    if (columns === undefined) columns = headerOf(line.text)
    else if (line.text.trim() !== '') yield rowOf(line, columns)
  }
  if (columns === undefined) throw notInvoices('nothing')
}

function headerOf(text: string): Columns {
  const columns = columnsOf(text.split(','))
  if (columns === undefined) throw notInvoices(`"${text.slice(0, 120)}"`)
  return columns
}

function notInvoices(found: string): NotInvoices {
  return new NotInvoices(`Expected a first line with the columns ${columnNames.join(', ')}, found ${found}.`)
}

function rowOf({ text, number: lineNumber, bytesRead }: FileLine, columns: Columns): ReadRow | UnreadableEntry {
  try {
    return { ...readRow(fieldsOf(text), columns), lineNumber, bytesRead }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    // Broken quotes leave no fields, but the invoice that the row belongs to stands in front of them.
    const invoiceNo =
      error instanceof UnreadableRow ? error.invoiceNo : /^[A-Z]?\d{1,19}(?=,)/i.exec(text)?.[0].toUpperCase()
    return { kind: 'unreadable', invoiceNo, lineNumber, problem, bytesRead }
  }
}
