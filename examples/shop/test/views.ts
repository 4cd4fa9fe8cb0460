// Everything that the read models of a shop show, as one text: two shops with equal views are equal to whoever asks.
import { systemContext } from '@gesta/core'
import { get as customer, orders } from '../src/customer/contracts.ts'
import { readInvoices } from '../src/import/read-invoices.ts'
import type { OpenShop } from '../src/open-shop.ts'
import { get as order, revenueByDay } from '../src/order/contracts.ts'
import { sales } from '../src/product/contracts.ts'

/** @param file names the invoices and customers to ask for. */
export async function viewsOf(running: OpenShop, file: string): Promise<string> {
  await running.caughtUp()
  const shown: unknown[] = [await running.query(revenueByDay({ limit: 1_000 }))]
  for (let offset = 0, total = 1; offset < total; offset += 1_000) {
    const page = await running.query(sales({ limit: 1_000, offset }))
    total = page.total
    shown.push(page)
  }
  const customers = new Set<string>()
  for await (const entry of readInvoices(file)) {
    if (entry.kind === 'unreadable') continue
    shown.push(await running.query(order({ orderId: entry.invoiceNo })))
    if (entry.customerId !== null) customers.add(entry.customerId)
  }
  for (const customerId of customers) {
    // What a customer can still give back is for himself and for those who look after him; here nobody asks but the test.
    shown.push(await running.query(customer({ customerId }), { context: systemContext() }))
    shown.push(await running.query(orders({ customerId, limit: 1_000 })))
  }
  return JSON.stringify(shown)
}
