// Problem details (RFC 9457): what every answer that is no success looks like, and how an error becomes one.
import { findGestaError } from '@gesta/core/host'
import type { GestaError, Outcome, Violation } from '@gesta/core'
import { statuses, titleOf, typeOf } from './status.ts'
import type { ProblemCode } from './status.ts'

/** The body of a problem, `application/problem+json`. Reference: docs/reference/http.md. */
export interface Problem {
  /** `/docs/errors#<code>`; for every rejection `/docs/errors#rejected`. */
  readonly type: string
  readonly title: string
  readonly status: number
  /** The error's code; of a rejection, the rejection's. */
  readonly code: string
  /** What was expected and received here; of a rejection, its reason. */
  readonly detail?: string | undefined
  /** Only rejections have it: the command was read, allowed and decided, and the answer is no. */
  readonly rejected?: true | undefined
  /** Details that the rejection declares. */
  readonly details?: unknown
  readonly token?: string | undefined
  readonly commandId?: string | undefined
  readonly version?: number | undefined
  /** With `invalid_input`: every path and reason. */
  readonly violations?: readonly Violation[] | undefined
  /** With `not_ready`: the names of the checks that failed. */
  readonly checks?: readonly string[] | undefined
  /** With `not_ready`: the read models that do not follow the log. */
  readonly readModels?: readonly { readonly readModel: string; readonly state: string }[] | undefined
  /** With status 500, and with 401 when `authenticate` failed: the id under which the log has the details. */
  readonly requestId?: string | undefined
}

/** A request that this package refuses by itself, before the app sees it. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal'
  readonly code: ProblemCode
  readonly headers: { readonly [name: string]: string }
  readonly requestId: string | undefined

  constructor(
    code: ProblemCode,
    detail: string,
    more: { readonly headers?: { readonly [name: string]: string }; readonly requestId?: string } = {},
  ) {
    super(detail)
    this.code = code
    this.headers = more.headers ?? {}
    this.requestId = more.requestId
  }
}

export type AnyOutcome = Outcome<unknown, { readonly [code: string]: unknown }>

/** A business no: a problem whose code is the rejection's, marked so that nobody takes it for a fault. */
export function rejectionOf({
  rejection,
  token,
  commandId: id,
  version,
}: AnyOutcome & { readonly ok: false }): Problem {
  return {
    type: typeOf('rejected'),
    title: titleOf('rejected'),
    status: statuses.rejected,
    code: rejection.code,
    detail: rejection.reason,
    rejected: true,
    details: rejection.details,
    token,
    commandId: id,
    version,
  }
}

/** A problem without facts of its own. */
export function problemOf(code: ProblemCode, detail?: string): Problem {
  return { type: typeOf(code), title: titleOf(code), status: statuses[code], code, detail }
}

/**
 * The problem for anything that was thrown. What a caller cannot act on keeps its text to itself: `internal` says nothing
 * but that it happened, and so do all failures of the server.
 * @param anonymous whether the caller is unknown: then a denial asks for authentication, as it does when its session has ended.
 */
export function toProblem(error: unknown, anonymous: boolean): Problem {
  if (error instanceof Refusal) return { ...problemOf(error.code, error.message), requestId: error.requestId }
  const known = thrownGestaError(error)
  if (known === undefined) return problemOf('internal')
  if (known.code === 'permission_denied') return denied(anonymous || known.facts['hasEnded'] === true)
  return {
    ...problemOf(known.code, isOfServer(known) ? whatToDo[known.code] : known.message),
    ...factsOf(known),
  }
}

/** Whether a failure is the server's own: its message names read models, files and processes, and only the log may have it. */
export function isOfServer(error: unknown): boolean {
  if (error instanceof Refusal) return statuses[error.code] >= 500
  const known = thrownGestaError(error)
  // A token that diverged is its caller's, a view that did is not.
  return known === undefined || statuses[known.code] >= 500 || isDivergedView(known)
}

function isDivergedView({ code, facts }: GestaError): boolean {
  return code === 'diverged' && facts['readModel'] !== undefined
}

/** Only what was thrown itself: an error among the causes is the handler's affair, and its caller did nothing wrong. */
function thrownGestaError(error: unknown): GestaError | undefined {
  const known = findGestaError(error)
  return known === error ? known : undefined
}

function denied(anonymous: boolean): Problem {
  return anonymous ? problemOf('unauthenticated', 'Send credentials, and try again.') : problemOf('permission_denied')
}

const whatToDo: { readonly [code: string]: string } = {
  deadline_exceeded: 'Nothing was stored. Try again, or allow more time with gesta-deadline-ms.',
  outcome_unknown:
    'The command may be stored or not. Send it again with the same Idempotency-Key, or with gesta-command-id: it never decides twice.',
  app_stopped: 'Try again.',
  store_unavailable: 'Try again.',
  overloaded: 'Nothing was done. Try again.',
  // Of a read model; a token's message says itself what to do.
  diverged: 'What this query reads has to be built again on the server. Its log says more.',
}

/** The facts that callers may see: an allow-list, because facts name files and streams too. */
function factsOf({ code, facts }: GestaError): Partial<Problem> {
  if (code === 'invalid_input') return { violations: facts['violations'] as readonly Violation[] | undefined }
  if (code === 'outcome_unknown') return { commandId: facts['commandId'] as string | undefined }
  return {}
}
