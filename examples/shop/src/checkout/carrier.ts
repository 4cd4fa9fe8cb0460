// Whoever brings the parcels: a service that is told an order and answers with the number of its parcel.
import type { Settings } from '../online/settings.ts'

export type Carrier = (orderId: string, signal: AbortSignal) => Promise<string>

/** The carrier of the configuration; without one the shop's own van, which needs no service. */
export function carrierOf(settings: () => Settings): Carrier {
  return async (orderId, signal) => {
    const { url } = settings().carrier
    if (url === '') return `van-${orderId}`
    // The carrier may be told twice of one order; the key says so.
    const headers = { 'content-type': 'application/json', 'idempotency-key': orderId }
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ orderId }), signal })
    if (!answer.ok) throw new Error(`The carrier answered ${answer.status}.`)
    const { parcel } = (await answer.json()) as { readonly parcel: string }
    return parcel
  }
}
