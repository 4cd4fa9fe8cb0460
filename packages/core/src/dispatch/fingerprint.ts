// Fingerprint of a command: whether a repetition asks for the same thing, and is the same sender's. Keyed by the log, so that
// it tells nothing alone.
import { hash } from 'node:crypto'
import { canonical } from '../codec/canonical.ts'
import type { ContractParts } from '../contracts/contract.ts'
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

/**
 * What of a payload a repetition is compared by: all but the fields that are marked as secret. A hash of those would let whoever has the
 * store try passwords against it.
 */
export function comparable({ type, redact }: ContractParts, raw: unknown, canonicalText: string): string {
  if (redact === undefined || typeof raw !== 'object' || raw === null) return canonicalText
  const told = Object.entries(raw).filter(([field]) => redact[field] !== 'secret')
  return told.length === Object.keys(raw).length ? canonicalText : payloadText(type, Object.fromEntries(told))
}

/**
 * Keyed hash over type, sender, the payload's canonical text and the workspace whose data is concerned, in base64url. Without the workspace a
 * sender would be told in one of them what came of a request in another, where he may no longer ask.
 */
export function fingerprintOf({ secret }: LogIdentity, type: string, context: RequestContext, payload: string): string {
  const { targetWorkspace } = context
  const text = `${secret}\0${type}\0${senderOf(context)}\0${payload}`
  return hash('sha256', targetWorkspace === undefined ? text : `${text}\0${targetWorkspace}`, 'base64url')
}
