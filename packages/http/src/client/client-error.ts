// Everything that is neither a result nor a rejection.

/** The problem as the server sent it (RFC 9457). Reference: docs/reference/http.md. */
export interface ClientProblem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly [member: string]: unknown
}

/**
 * A call that failed. `code` is the server's (`permission_denied`, `invalid_input`, ...), or `unreachable` when no answer
 * came, `deadline_exceeded` when it came too late, `unexpected_answer` when something else than the app answered.
 */
export class ClientError extends Error {
  override readonly name: string = 'ClientError'
  readonly code: string
  /** 0 when no answer came. */
  readonly status: number
  /** What the server said; `undefined` when no problem came. */
  readonly problem: ClientProblem | undefined

  constructor(
    code: string,
    status: number,
    message: string,
    options: { readonly problem?: ClientProblem; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = status
    this.problem = options.problem
  }
}
