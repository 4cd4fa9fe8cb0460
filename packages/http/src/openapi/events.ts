// The stream of presentation events as an operation. OpenAPI has no words for what is in a stream, so the description has them.
import type { ProblemCode } from '../status.ts'
import { statuses } from '../status.ts'
import { problemResponse } from './operation.ts'
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
    ...problems(),
  },
}

function problems(): Part {
  const grouped = Map.groupBy(codes, (code) => statuses[code])
  return Object.fromEntries([...grouped].map(([status, ofStatus]) => [status, problemResponse(ofStatus)]))
}
