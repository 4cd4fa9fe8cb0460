// The one table of error code to status. Nothing else in gesta knows a status code; docs/reference/http.md shows the same table.
import { codes } from '@gesta/core/host'
import type { ErrorCode } from '@gesta/core'

/** What only HTTP can get wrong; core's codes are listed in docs/reference/errors.md. */
export const httpCodes = {
  rejected: 'the command was refused by a rule of its domain',
  unauthenticated: 'the caller is not known, and the contract is not for everybody',
  origin_not_allowed: 'pages of this origin may not open a WebSocket here, nor use the cookies of a session',
  not_local:
    'the admin address answers programs and no pages, and without authentication those of its own machine alone',
  https_required: 'this is answered over HTTPS alone',
  admin_only: 'this is done on the admin address alone',
  unknown_path: 'nothing is served under this path',
  method_not_allowed: 'the path is served for other methods; see the Allow header',
  unsupported_media_type: 'the body is not application/json in UTF-8',
  invalid_request: 'the request is not well-formed HTTP',
  invalid_json: 'the body is not JSON',
  invalid_encoding: 'path, query string or body is not UTF-8',
  invalid_text: 'a text has a NUL character or a lone surrogate',
  forbidden_key: 'an object has a key that could change its prototype',
  nested_too_deeply: 'the JSON has too many levels',
  invalid_header: 'a header is malformed, repeated, or not understood by this route',
  unknown_parameter: 'the query string has a parameter that is no field of the input',
  invalid_parameter: 'a parameter of the query string has a value that it cannot have',
  repeated_parameter: 'a field is given more than once',
  unknown_field: 'the body has a field that the input does not have',
  body_too_large: 'the body is over the limit of the server',
  headers_too_large: 'the request line and headers are over the limit of the server',
  expectation_failed: 'the Expect header asks for something other than 100-continue',
  request_timeout: 'the request did not arrive in time',
  not_ready: 'the app is not ready to answer',
  internal: 'something failed in the server; the log has the details under the request id',
} as const

export type HttpCode = keyof typeof httpCodes
export type ProblemCode = ErrorCode | HttpCode

/** Status per code. 400: the request cannot be read; 422: it can be read and is refused. */
export const statuses: { readonly [Code in ProblemCode]: number } = {
  // the request cannot be read
  invalid_request: 400,
  invalid_json: 400,
  invalid_encoding: 400,
  invalid_text: 400,
  forbidden_key: 400,
  nested_too_deeply: 400,
  invalid_header: 400,
  unknown_parameter: 400,
  invalid_parameter: 400,
  repeated_parameter: 400,
  invalid_token: 400,
  invalid_cursor: 400,
  idempotency_refused: 400,
  // who asks, and for what
  unauthenticated: 401,
  permission_denied: 403,
  role_not_allowed: 403,
  permissions_unavailable: 503,
  permission_unknown: 404,
  rate_limited: 429,
  not_restorable: 409,
  origin_not_allowed: 403,
  not_local: 403,
  https_required: 403,
  admin_only: 403,
  unknown_path: 404,
  missing_handler: 404,
  read_model_unknown: 404,
  cron_unknown: 404,
  method_not_allowed: 405,
  request_timeout: 408,
  // the state of the app does not allow it
  conflict: 409,
  command_conflict: 409,
  command_settled: 409,
  command_unknown: 404,
  record_incomplete: 409,
  audit_key_missing: 409,
  diverged: 409,
  // it was there, and will not be again
  data_gone: 410,
  version_mismatch: 412,
  // too much of one caller's
  too_many_clients: 429,
  // limits of the protocol
  body_too_large: 413,
  payload_too_large: 413,
  unsupported_media_type: 415,
  expectation_failed: 417,
  headers_too_large: 431,
  // it can be read, and is refused
  rejected: 422,
  invalid_input: 422,
  unknown_field: 422,
  invalid_key: 422,
  idempotency_conflict: 422,
  // a mistake in the app
  internal: 500,
  duplicate_handler: 500,
  unsupported_handler: 500,
  nil_handler: 500,
  no_event_recorder: 500,
  subscriber_failed: 500,
  invalid_output: 500,
  nested_dispatch: 500,
  event_unreadable: 500,
  payload_unreadable: 500,
  key_unreadable: 500,
  config_invalid: 500,
  config_unreadable: 500,
  config_refused: 500,
  // another time, perhaps
  overloaded: 503,
  secret_unavailable: 503,
  not_ready: 503,
  outcome_unknown: 503,
  store_locked: 503,
  store_foreign: 503,
  store_newer: 503,
  schema_drift: 503,
  migration_failed: 503,
  migration_lock_timeout: 503,
  store_read_only: 503,
  store_unavailable: 503,
  store_closed: 503,
  broker_unavailable: 503,
  broker_closed: 503,
  nack_failed: 503,
  sequence_refused: 409,
  read_model_failed: 503,
  read_model_restoring: 503,
  read_model_stopped: 503,
  read_model_degraded: 503,
  app_stopped: 503,
  deadline_exceeded: 504,
  store_full: 507,
}

/** What a code means, as a sentence: the `title` of its problem. */
export function titleOf(code: ProblemCode): string {
  const meaning: string = { ...codes, ...httpCodes }[code]
  return `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`
}

/** The stable, relative URI that names a kind of problem; the page behind it explains the code. */
export function typeOf(code: ProblemCode): string {
  return `/docs/errors#${code}`
}
