// Which problems a route can answer with: read by the OpenAPI document and by the page for people.
import { rejectionStatus } from '../served-route.ts'
import type { ServedRoute } from '../served-route.ts'
import { statuses } from '../status.ts'
import type { ProblemCode } from '../status.ts'

const everywhere: readonly ProblemCode[] = [
  'invalid_request',
  'invalid_encoding',
  'invalid_text',
  'forbidden_key',
  'nested_too_deeply',
  'invalid_header',
  'unknown_parameter',
  'repeated_parameter',
  'unauthenticated',
  'request_timeout',
  'invalid_input',
  'expectation_failed',
  'headers_too_large',
  'internal',
  'overloaded',
  'rate_limited',
  'invalid_output',
  'store_unavailable',
  'store_closed',
  'app_stopped',
  'deadline_exceeded',
]
const withBody: readonly ProblemCode[] = ['invalid_json', 'body_too_large', 'unsupported_media_type', 'unknown_field']
const ofCommands: readonly ProblemCode[] = [
  'idempotency_refused',
  'idempotency_conflict',
  'conflict',
  'command_conflict',
  'command_settled',
  'invalid_key',
  'payload_too_large',
  'event_unreadable',
  'outcome_unknown',
  'store_read_only',
  'store_full',
]
const ofQueries: readonly ProblemCode[] = [
  'invalid_token',
  'invalid_parameter',
  'diverged',
  'read_model_failed',
  'event_unreadable',
]

/** Status to codes, both in order. `sessions`: whether callers may be known by cookies. */
export function codesOfRoute(
  { method, served, purpose }: ServedRoute,
  sessions: boolean,
): ReadonlyMap<number, readonly ProblemCode[]> {
  const codes: ProblemCode[] = [
    ...everywhere,
    ...(method === 'GET' ? [] : withBody),
    ...(served.kind === 'command' ? ofCommands : ofQueries),
  ]
  if (served.exposed.permission !== 'anonymous') codes.push('permission_denied')
  if (served.exposed.versioned) codes.push('version_mismatch')
  if (Object.keys(served.exposed.contract.rejections ?? {}).length > 0) codes.push('rejected')
  if (sessions) codes.push('origin_not_allowed')
  // What the app tells of itself may be asked about something that it does not have.
  if (purpose === 'runtime') codes.push('missing_handler', 'permission_unknown')
  const grouped = Map.groupBy(codes.toSorted(), (code) =>
    code === 'rejected' ? rejectionStatus(served) : statuses[code],
  )
  return new Map([...grouped].toSorted(([a], [b]) => a - b))
}
