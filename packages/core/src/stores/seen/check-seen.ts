// What every seen store refuses before it looks.
import { checkKey } from '../../codec/key-text.ts'

/** Errors: `invalid_key`. */
export function checkSeen(subscription: string, ids: readonly string[]): void {
  checkSubscription(subscription)
  for (const id of ids) checkKey(id, 'event id')
}

/** Errors: `invalid_key`. */
export function checkSubscription(subscription: string): void {
  checkKey(subscription, 'subscription')
}
