// Invoices for tests of the deciders: everything that a test does not name is ordinary.
import type { InputOf } from '@gesta/core'
import type { place } from '../../src/order/contracts.ts'
import type { InvoiceLine } from '../../src/order/invoice-line.ts'
import { Order } from '../../src/order/order.ts'

export const newOrder = Order.fold([])

export function line(given: Partial<InvoiceLine> = {}): InvoiceLine {
  return { code: '22914', description: 'BLUE COAT RACK', quantity: 3, pence: 495, at: '2010-12-01 08:34:00', ...given }
}

export function invoice(lines: InvoiceLine[], customerId: string | null = '13047'): InputOf<typeof place> {
  return { orderId: '536368', customerId, country: 'United Kingdom', lines }
}

export function codeOf(decision: object): string | undefined {
  return 'code' in decision ? String(decision.code) : undefined
}
