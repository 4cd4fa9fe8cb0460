// What an error says of a command that ended in it: the status of its record, and what may be kept of the words.
import { GestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import type { OutcomeKind } from '../stores/commit.ts'
import type { RecordedError } from '../stores/command-log/command-record.ts'

/** The code of a record whose handler threw something of its own, and of one whose caller went away. */
const handlerFailed = 'handler_failed'
const callerLeft = 'aborted'

export interface Ended {
  readonly status: OutcomeKind
  readonly error: RecordedError
}

/**
 * The status of a command that ended in `cause`. `signal`: the caller's; its reason means that the caller gave up. Errors of gesta keep
 * code and message, which hold no payload; of others, and of whatever else was thrown, the names alone are kept.
 */
export function statusOf(cause: unknown, signal?: AbortSignal): Ended {
  if (signal?.aborted === true && cause === signal.reason)
    return { status: 'abandoned', error: { code: callerLeft, message: redactError(cause) } }
  if (!(cause instanceof GestaError))
    return { status: 'failed', error: { code: handlerFailed, message: redactError(cause) } }
  const { code, message } = cause
  return { status: statuses[code] ?? 'failed', error: { code, message } }
}

/**
 * `permissions_unavailable` is `failed`, though nothing is allowed by it: denied is what somebody may not do, and here nobody could say. Who
 * watches denials for attacks would watch outages of a directory instead, each with an entry in the audit log; its code tells it apart.
 */
const statuses: { readonly [code: string]: OutcomeKind } = {
  permission_denied: 'denied',
  deadline_exceeded: 'timed_out',
}
