// Fingerprint of a command: whether a repetition asks for the same thing, and is the same sender's. Keyed by the log, so that
// it tells nothing alone.
import { hash } from 'node:crypto'
import { canonical } from '../codec/canonical.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import type { LogIdentity } from '../stores/event/event-store.ts'

/** Who sends a command; the empty text for an anonymous caller. What is one sender's is never found by another. */
export function senderOf({ account, identity }: RequestContext): string {
  return account === undefined && identity === undefined ? '' : JSON.stringify([account, identity])
}

/** Canonical JSON of a payload as it arrived. Errors: `invalid_input` for one that JSON cannot hold. */
export function payloadText(type: string, raw: unknown): string {
  try {
    return canonical(raw)
  } catch (cause) {
    const message = `Expected the input of ${type} to be plain data, but it cannot be written as JSON (${redactError(cause)}). Leave out circles, big integers and functions.`
    throw new GestaError('invalid_input', message, { cause, facts: { contract: type } })
  }
}

/** Keyed hash over type, sender and the payload's canonical text, in base64url. */
export function fingerprintOf({ secret }: LogIdentity, type: string, sender: string, payload: string): string {
  return hash('sha256', `${secret}\0${type}\0${sender}\0${payload}`, 'base64url')
}
