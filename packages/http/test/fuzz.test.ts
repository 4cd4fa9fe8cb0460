import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as fc from 'fast-check'
import { statuses } from '../src/status.ts'
import { requestText, serveShop } from './support/serve-shop.ts'
import type { ServedShop } from './support/serve-shop.ts'

let shop: ServedShop
before(async () => void (shop = await serveShop({ bodyBytesMax: 5000 })))
after(() => shop[Symbol.asyncDispose]())

const documented = new Set<number>([200, 304, ...Object.values(statuses)])
const paths = [
  '/api/commands/Order.Place',
  '/api/commands/Order.Graft',
  '/api/queries/Order.Get',
  '/api/queries/Order.Echo',
  '/api/queries/Order.Sum',
  '/api/queries/Order.Plain',
  '/api/call/Order.Place',
  '/orders/a',
  '/orders/a/cancel',
  '/docs',
  '/',
]
const path = fc.oneof(
  fc.constantFrom(...paths),
  fc.webPath(),
  fc.string().map((text) => `/orders/${encodeURIComponent(text.toWellFormed())}`),
  fc.string({ unit: 'binary-ascii' }).map((text) => `/${text.replaceAll(/[\s\0]/g, '%')}`),
)
const parameter = fc.tuple(
  fc.oneof(
    fc.constantFrom('orderId', 'text', 'whole', 'list', 'nested', 'input', '__proto__', 'constructor', 'toString'),
    fc.string(),
  ),
  fc.oneof(fc.string(), fc.json()),
)
const queryString = fc.oneof(
  fc
    .array(parameter, { maxLength: 5 })
    .map((pairs) =>
      pairs
        .map(
          ([name, value]) => `${encodeURIComponent(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`,
        )
        .join('&'),
    ),
  fc.string({ unit: fc.constantFrom('%', '&', '=', '+', 'f', '0', '#', '?', '[', ']') }),
)
const header = fc.tuple(
  fc.constantFrom(
    'content-type',
    'idempotency-key',
    'if-match',
    'if-none-match',
    'gesta-after',
    'gesta-command-id',
    'gesta-deadline-ms',
    'gesta-expected-version',
    'traceparent',
    'accept',
    'content-encoding',
  ),
  fc.oneof(
    fc.constantFrom('application/json', '"a"', '*', '1', 'W/"a"', ''),
    fc.string().map((text) => text.replaceAll(/[^\x20-\x7e]/g, '')),
  ),
)
const field = fc.record(
  { orderId: fc.anything(), pence: fc.anything(), note: fc.anything(), tree: fc.anything() },
  { requiredKeys: [] },
)
const fields = fc.record(
  { orderId: fc.string(), pence: fc.nat(), reason: fc.string(), note: fc.string({ unit: 'binary' }) },
  { requiredKeys: ['orderId', 'pence'] },
)
const body = fc.oneof(
  fc.constant(''),
  fields.map((value) => JSON.stringify(value)),
  fc.json({ maxDepth: 5, stringUnit: 'binary' }),
  field.map(
    (value) => JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? '',
  ),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\u0000', '\\ud800', '__proto__', '1') }),
)

interface Sent {
  readonly method: string
  readonly path: string
  readonly queryString: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}
const noise: fc.Arbitrary<Sent> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS'),
  path,
  queryString,
  headers: fc.array(header, { maxLength: 3 }),
  body,
})
/** Requests that find their route, so that what they carry is looked at. */
const commands: fc.Arbitrary<Sent> = fc.record({
  method: fc.constant('POST'),
  path: fc.constantFrom(...paths.filter((one) => one.startsWith('/api/c') || one.endsWith('cancel'))),
  queryString: fc.constant(''),
  headers: fc
    .array(header, { maxLength: 1 })
    .map((headers) => [
      ['content-type', 'application/json'] as const,
      ...headers.filter(([name]) => !name.startsWith('content')),
    ]),
  body,
})
const queries: fc.Arbitrary<Sent> = fc.record({
  method: fc.constantFrom('GET', 'HEAD'),
  path: fc.constantFrom(...paths.filter((one) => one.startsWith('/api/q') || one === '/orders/a')),
  queryString,
  headers: fc.array(header, { maxLength: 1 }).map((headers) => headers.filter(([name]) => !name.startsWith('content'))),
  body: fc.constant(''),
})

test('whatever is sent, the answer is a documented one, never 500, and a problem has its code', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(noise, commands, queries), async (request) => {
      const target = request.queryString === '' ? request.path : `${request.path}?${request.queryString}`
      const headers = request.headers.map(([name, value]) => `${name}: ${value}`)
      const answer = await shop.raw(requestText(request.method, target, headers, request.body))
      const status = Number(answer.slice(9, 12))
      assert.ok(documented.has(status) && status !== 500, `${status} for ${JSON.stringify(request)}: ${answer}`)
      if (status < 400 || request.method === 'HEAD') return
      const problem = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as {
        readonly status: number
        readonly code: string
        readonly rejected?: true
      }
      assert.equal(problem.status, status)
      if (problem.rejected !== true) assert.equal(statuses[problem.code as keyof typeof statuses], status)
    }),
    { numRuns: 1500 },
  )
  // A caller may ask for one millisecond, and a slow machine may need more.
  assert.deepEqual(
    shop.logged.filter(({ facts }) => facts['code'] !== 'deadline_exceeded'),
    [],
  )
  assert.equal((await shop.get('/healthz')).status, 200)
})
