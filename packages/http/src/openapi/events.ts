// The stream of presentation events as an operation. OpenAPI has no words for what is in a stream, so the description has them.
import type { ProblemCode } from '../status.ts'
import { statuses } from '../status.ts'
import { problemResponse } from './operation.ts'
import { tenantParameter } from './parameters.ts'
import type { Part } from './schemas.ts'

const codes: readonly ProblemCode[] = [
  'invalid_header',
  'invalid_encoding',
  'invalid_text',
  'forbidden_key',
  'unknown_parameter',
  'repeated_parameter',
  'unauthenticated',
  'permission_denied',
  'origin_not_allowed',
  'invalid_input',
  'too_many_clients',
  'rate_limited',
  'internal',
  'overloaded',
  'app_stopped',
  'deadline_exceeded',
]
const text = { type: 'string' }

export const eventsOperation: Part = {
  operationId: 'events',
  summary: 'Presentation events, as they happen',
  description:
    'Server-sent events: `event` is the contract, `data` its value as JSON, `id` the place to go on from. `resync` says that events were missed, so that everything has to be read again; `close` says why the stream ends. With `Upgrade: websocket` the same as text messages `{ "type", "id", "data" }`.',
  tags: [],
  parameters: [
    {
      name: 'types',
      in: 'query',
      description: 'The events that are wanted, `Domain.Type`. Default: all that the caller may see.',
      style: 'form',
      explode: false,
      schema: { type: 'array', maxItems: 100, items: text },
    },
    { name: 'after', in: 'query', description: 'The id after which to go on.', schema: text },
    { name: 'Last-Event-ID', in: 'header', description: 'The same; counts before `after`.', schema: text },
  ],
  responses: {
    101: { description: 'A WebSocket. What the client sends on it closes it.' },
    200: {
      description: 'The stream. It lasts until one side ends it.',
      content: { 'text/event-stream': { schema: text } },
    },
    ...problems(codes),
  },
}

const names = { style: 'form', explode: false, schema: { type: 'array', maxItems: 100, items: text } }
const streamCodes = [
  ...codes.filter((code) => code !== 'origin_not_allowed'),
  'invalid_token',
  'diverged',
  'permissions_unavailable',
] as const

/** The events of the app as they are stored, of the caller's tenant and of that of the path. */
export function runtimeStreamOperation(path: string): Part {
  const ofTenant = path.includes('{tenantUuid}')
  return {
    operationId: ofTenant ? 'Runtime.Events.ofTenant' : 'Runtime.Events',
    summary: 'Domain events, as they are stored',
    description:
      'Server-sent events: `event` is the type, `data` the event, `id` the place to go on from. `close` says why the stream ends. Who may: whoever holds the permission Runtime.EventStream; of what is stored everybody is shown what their other permissions let them read.',
    tags: ['Runtime'],
    parameters: [
      ...(ofTenant ? [tenantParameter] : []),
      { name: 'domain', in: 'query', description: 'Domains that are wanted.', ...names },
      { name: 'type', in: 'query', description: 'Events that are wanted, `Domain.Type`.', ...names },
      { name: 'aggregateType', in: 'query', schema: text },
      { name: 'aggregateId', in: 'query', schema: text },
      { name: 'after', in: 'query', description: 'The id after which to go on. Default: from now on.', schema: text },
      { name: 'Last-Event-ID', in: 'header', description: 'The same; counts before `after`.', schema: text },
    ],
    responses: {
      200: {
        description: 'The stream. It lasts until one side ends it.',
        content: { 'text/event-stream': { schema: text } },
      },
      ...problems(streamCodes),
    },
  }
}

function problems(of: readonly ProblemCode[]): Part {
  const grouped = Map.groupBy(of, (code) => statuses[code])
  return Object.fromEntries([...grouped].map(([status, ofStatus]) => [status, problemResponse(ofStatus)]))
}
