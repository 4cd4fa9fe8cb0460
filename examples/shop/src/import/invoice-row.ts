// One row of the file, read: texts tidied, numbers exact, or the reason why it cannot be read.
import { isInCalendar } from '../order/invoice-line.ts'
import type { InvoiceLine } from '../order/invoice-line.ts'

export interface InvoiceRow {
  readonly kind: 'row'
  readonly invoiceNo: string
  readonly customerId: string | null
  readonly country: string
  readonly line: InvoiceLine
}
/** What a row says when it cannot be read. The invoice number is there when that much is readable. */
export class UnreadableRow extends Error {
  readonly invoiceNo: string | undefined

  constructor(problem: string, invoiceNo?: string) {
    super(problem)
    this.invoiceNo = invoiceNo
  }
}

export const columnNames = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const
type Column = (typeof columnNames)[number]
export type Columns = { readonly [Name in Column]: number }

/** Where each column is, whatever their order; `undefined` when one is missing. */
export function columnsOf(header: readonly string[]): Columns | undefined {
  const names = header.map((name) => name.replace('\uFEFF', '').trim())
  if (columnNames.some((name) => !names.includes(name))) return undefined
  return Object.fromEntries(columnNames.map((name) => [name, names.indexOf(name)])) as Columns
}

/** Errors: `UnreadableRow`. */
export function readRow(fields: readonly string[], columns: Columns): InvoiceRow {
  const field = (name: Column): string => (fields[columns[name]] ?? '').trim()
  const invoiceNo = invoiceNoOf(field('InvoiceNo'))
  try {
    if (fields.length !== Object.keys(columns).length) throw new UnreadableRow(`has ${fields.length} fields`)
    return {
      kind: 'row',
      invoiceNo,
      customerId: customerIdOf(field('CustomerID')),
      country: required(field('Country'), 'Country'),
      line: {
        code: required(field('StockCode'), 'StockCode').toUpperCase(),
        description: field('Description').replaceAll(/\s+/g, ' '),
        quantity: wholeNumber(field('Quantity')),
        pence: pence(field('UnitPrice')),
        at: time(field('InvoiceDate')),
      },
    }
  } catch (error) {
    throw error instanceof UnreadableRow ? new UnreadableRow(error.message, invoiceNo) : error
  }
}

function invoiceNoOf(text: string): string {
  const number = text.toUpperCase()
  if (!/^[A-Z]?\d{1,19}$/.test(number))
    throw new UnreadableRow(`InvoiceNo is ${shown(text)}, not a number after at most one letter`)
  return number
}

/** A spreadsheet wrote the ids as decimals: `13047.0` is customer 13047, nothing is a guest. */
function customerIdOf(text: string): string | null {
  const id = text.replace(/\.0+$/, '')
  if (id === '') return null
  if (!/^\d{1,20}$/.test(id)) throw new UnreadableRow(`CustomerID is ${shown(text)}, not a number`)
  return id
}

function wholeNumber(text: string): number {
  if (!/^-?\d{1,7}$/.test(text)) throw new UnreadableRow(`Quantity is ${shown(text)}, not a whole number`)
  return Number(text)
}

/** Pounds to pence by their digits; a fraction of a penny is refused, because rounding it would change the sum unseen. */
export function pence(text: string): number {
  const [, sign = '', pounds, decimals = ''] = /^(-?)(\d{1,7})(?:\.(\d+))?$/.exec(text) ?? []
  if (pounds === undefined) throw new UnreadableRow(`UnitPrice is ${shown(text)}, not an amount`)
  if (/[^0]/.test(decimals.slice(2))) throw new UnreadableRow(`UnitPrice is ${shown(text)}, a fraction of a penny`)
  const amount = Number(pounds) * 100 + Number(decimals.slice(0, 2).padEnd(2, '0'))
  return sign === '-' && amount !== 0 ? -amount : amount
}

/** Checked against the calendar, then kept as it stands: local time of the shop, without a zone. */
function time(text: string): string {
  const [, day = '', clock = '', seconds = ':00'] = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})(:\d{2})?$/.exec(text) ?? []
  const local = `${day} ${clock}${seconds}`
  if (!isInCalendar(local))
    throw new UnreadableRow(`InvoiceDate is ${shown(text)}, not a time like 2010-12-01 08:34:00`)
  return local
}

function required(text: string, name: Column): string {
  if (text === '') throw new UnreadableRow(`${name} is empty`)
  return text
}

function shown(text: string): string {
  return text === '' ? 'empty' : `"${text.slice(0, 40)}"`
}
