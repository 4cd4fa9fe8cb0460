// Fingerprint of a command: whether a repetition asks for the same thing, and is the same sender's. Keyed by the log, so that
// it tells nothing alone.
import { hash } from 'node:crypto'
import { canonical } from '../codec/canonical.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { LogIdentity } from '../stores/event/event-store.ts'

/** Who sends a command; the empty text for an anonymous caller. What is one sender's is never found by another. */
export function senderOf({ account, identity }: RequestContext): string {
  return account === undefined && identity === undefined ? '' : JSON.stringify([account, identity])
}

/** Keyed hash over type, sender and canonical raw payload, in base64url. */
export function fingerprintOf({ secret }: LogIdentity, type: string, sender: string, raw: unknown): string {
  return hash('sha256', `${secret}\0${type}\0${sender}\0${canonical(raw)}`, 'base64url')
}
