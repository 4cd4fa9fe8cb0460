// Invoices that end in every way, and the shop with a copy of its command log.
import assert from 'node:assert/strict'
import type { Running } from '@gesta/core'
import { isGestaError } from '@gesta/core'
import { giveBack, place } from '../../src/order/contracts.ts'
import { line } from '../order/invoices.ts'

export const customerId = '14808'

export function invoice(orderId: string, quantity = 6) {
  return { orderId, customerId, country: 'United Kingdom', lines: [line({ quantity })] }
}

/** One command of each kind of end, in this order. */
export const ends = ['accepted', 'rejected', 'denied', 'failed', 'accepted', 'duplicate'] as const

/** Sells, takes back what was never bought, lets somebody else give back, sends nothing, and sends one invoice twice. */
export async function trade(shop: Pick<Running<string, string>, 'dispatch'>): Promise<void> {
  const idempotencyKey = '581589'
  await shop.dispatch(place(invoice('581588')), { context: { correlationId: 'sale' } })
  await shop.dispatch(giveBack(invoice('C581588', 7)), { context: { correlationId: 'cancellation' } })
  await refused('permission_denied', shop.dispatch(giveBack(invoice('C581589')), { context: { identity: '13047' } }))
  await refused('invalid_input', shop.dispatch(place({ ...invoice('581590'), lines: [] })))
  for (let times = 0; times < 2; times += 1) await shop.dispatch(place(invoice(idempotencyKey)), { idempotencyKey })
}

async function refused(code: 'permission_denied' | 'invalid_input', dispatched: Promise<unknown>): Promise<void> {
  await assert.rejects(dispatched, (cause) => isGestaError(cause, code))
}
