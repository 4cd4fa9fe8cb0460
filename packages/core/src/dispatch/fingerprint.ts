// Fingerprint of a payload: whether a repetition asks for the same thing. Keyed by the log, so that it tells nothing alone.
import { createHmac } from 'node:crypto'
import { canonical } from '../codec/canonical.ts'
import type { LogIdentity } from '../stores/event/event-store.ts'

/** Keyed hash over the canonical raw payload, in base64url; `scope` keeps equal payloads under different names apart. */
export function fingerprintOf({ secret }: LogIdentity, scope: string, raw: unknown): string {
  return createHmac('sha256', secret).update(scope).update('\0').update(canonical(raw)).digest('base64url')
}
