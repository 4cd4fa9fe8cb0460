// Where an import sends its commands: a store that it opens itself, or a running server. Both decide; neither is trusted
// to answer the first time.
import type { InvoiceCommand } from './command-of.ts'

export interface Target extends AsyncDisposable {
  /** For people: a file or an address. */
  readonly name: string
  /** Errors: `Unsettled` when the same command may be sent again; `Refused` when this one command is no good; else fatal. */
  send(command: InvoiceCommand, options: SendOptions): Promise<Decided>
}
export interface SendOptions {
  /** The same in every run: the shop decides an invoice once. */
  readonly key: string
  /** The same in every attempt of this run, and in no other: so the answer tells whether this run stored something. */
  readonly commandId: string
  readonly signal: AbortSignal
}
export type Decided = Accepted | Rejected
interface Accepted {
  readonly accepted: true
  readonly kind: 'sale' | 'return'
  /** Events that this run added: 0 when an earlier run had stored the invoice. */
  readonly newEvents: number
}
interface Rejected {
  readonly accepted: false
  readonly code: string
  readonly reason: string
}

/** Whether the command was stored is not known, or it was not, for a reason that may pass: send it again. */
export class Unsettled extends Error {}

/** This one command cannot be decided; it has a code like a rejection, but the fault is not the customer's. */
export class Refused extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

const passing = [
  'outcome_unknown',
  'conflict',
  'deadline_exceeded',
  'request_timeout',
  'store_unavailable',
  'store_locked',
  'store_closed',
  'app_stopped',
  'not_ready',
  'internal',
]
const aboutOneCommand = [
  'invalid_input',
  'invalid_key',
  'unknown_field',
  'invalid_text',
  'payload_too_large',
  'body_too_large',
  'invalid_output',
  'event_unreadable',
]

/** What an error code means for an import. */
export function failureOf(code: string, error: Error): Error {
  if (passing.includes(code)) return new Unsettled(error.message, { cause: error })
  return aboutOneCommand.includes(code) ? new Refused(code, error.message) : error
}

/** What an outcome of the shop means for an import. */
export function decidedOf({ type }: InvoiceCommand, outcome: Outcome, commandId: string): Decided {
  if (!outcome.ok) return { accepted: false, code: outcome.rejection.code, reason: outcome.rejection.reason }
  const newEvents = outcome.commandId === commandId ? outcome.result.events : 0
  return { accepted: true, kind: type === 'Order.Place' ? 'sale' : 'return', newEvents }
}
type Outcome =
  | { readonly ok: true; readonly result: { readonly events: number }; readonly commandId: string }
  | { readonly ok: false; readonly rejection: { readonly code: string; readonly reason: string } }
