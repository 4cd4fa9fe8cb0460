// The command that records an invoice, the key that makes its repetition harmless, and the lane that keeps its order.
import { createHash } from 'node:crypto'
import { giveBack, place } from '../order/contracts.ts'
import type { Invoice } from './read-invoices.ts'

export type InvoiceCommand = ReturnType<typeof place> | ReturnType<typeof giveBack>

/** One command per invoice: a credit note (its number starts with C) takes back what it lists below zero. */
export function commandOf({ invoiceNo, customerId, country, lines }: Invoice): InvoiceCommand {
  const head = { orderId: invoiceNo, customerId, country }
  if (!invoiceNo.startsWith('C')) return place({ ...head, lines: [...lines] })
  return giveBack({ ...head, lines: lines.map((line) => ({ ...line, quantity: 0 - line.quantity })) })
}

/**
 * The same for the same content, in every run. An invoice that was corrected in the file gets another key, so that it is
 * decided anew instead of being refused as a key conflict; if it was accepted before, the shop says `already_recorded`.
 */
export function keyOf({ data }: InvoiceCommand): string {
  const content = createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 32)
  return `import:${data.orderId}:${content}`
}

/** Invoices of one customer are decided in the order of the file: a return must find the sales before it. */
export function laneOf({ customerId, invoiceNo }: Invoice): string {
  return customerId === null ? `guest ${invoiceNo}` : `customer ${customerId}`
}
