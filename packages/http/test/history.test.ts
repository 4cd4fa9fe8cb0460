import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { aggregate, command, createApp, domain, event, handle, projection, query } from '@gesta/core'
import type { AggregateHistory, Running } from '@gesta/core'
import * as v from 'valibot'
import { z } from 'zod'
import { createClient } from '../src/client/index.ts'
import { routes } from '../src/index.ts'
import { serveRunning } from './support/serve-shop.ts'
import type { ServedShop } from './support/serve-shop.ts'

const noteId = z.string()
const write = command('Note.Write', { input: z.object({ noteId, text: z.string() }) })
const get = query('Note.Get', { input: z.object({ noteId }), result: z.object({ text: z.string() }).nullable() })
const texts = query('Note.Texts', { result: z.array(z.string()) })
const plain = query('Note.Plain', { input: v.object({ noteId: v.string() }), result: z.json() })
const quiet = query('Note.Quiet', { result: z.object({ total: z.int() }), history: false })
const own = query('Note.Own', { result: z.object({ history: z.string() }) })
/** Its input takes a name that history has elsewhere. */
const flagged = query('Note.Flagged', {
  input: z.object({ includeHistory: z.boolean() }),
  result: z.object({ flag: z.boolean() }),
})
const Written = event('Note.Written', z.object({ text: z.string() }))
const Note = aggregate('Note', () => ({ text: '' })).on(Written, (_, data) => data)
const notes = projection(Note)
const noteDomain = domain('Note', {
  roles: ['web'],
  permissions: 'anonymous',
  readModels: [notes],
  handlers: [
    Note.decide(write, 'noteId', (_, { text }) => [Written({ text })]),
    handle(get, async (input, { read }) => (await read(notes).get(input.noteId))?.state ?? null),
    handle(texts, async (_, { read }) => (await read(notes).list()).items.map(({ state }) => state.text)),
    handle(plain, async (input, { read }) => (await read(notes).get(input.noteId))?.state ?? null),
    handle(quiet, async (_, { read }) => ({ total: (await read(notes).list()).total })),
    handle(own, async () => ({ history: 'its own' })),
    handle(flagged, async ({ includeHistory }) => ({ flag: includeHistory })),
  ],
})
const app = createApp('notes', { domains: [noteDomain] })

interface Told {
  readonly text?: string
  readonly result?: readonly string[]
  readonly history: readonly AggregateHistory[]
}
const versions = ({ history }: Told): readonly (readonly number[])[] =>
  history.map(({ items }) => items.map(({ version }) => version))

let running: Running<string, string>
let served: ServedShop
before(async () => {
  running = await app.start()
  for (const [id, count] of [['a', 3] as const, ['b', 1] as const])
    for (let n = 1; n <= count; n++) await running.dispatch(write({ noteId: id, text: `${id} ${n}` }))
  await running.caughtUp()
  served = await serveRunning(running, {
    routes: routes(app, { 'Note.Get': 'GET /notes/{noteId}' }),
    // Nobody is told a history who says nothing of themselves.
    authenticate: ({ headers }) => (headers['x-nobody'] === undefined ? { account: 'ann' } : undefined),
  })
})
after(async () => {
  await served[Symbol.asyncDispose]()
  await running[Symbol.asyncDispose]()
})

describe('includeHistory=true', () => {
  test('adds the history to an answer that is an object', async () => {
    for (const path of ['/api/queries/Note.Get?noteId=a&includeHistory=true', '/notes/a?includeHistory=true']) {
      const { status, body } = await served.get(path)
      const told = body as Told
      assert.deepEqual([status, told.text, versions(told)], [200, 'a 3', [[3, 2, 1]]])
      assert.deepEqual(told.history[0]?.items[0]?.data, { text: 'a 3' })
    }
    assert.equal((await served.get('/notes/missing?includeHistory=true')).text, 'null')
  })

  test('puts any other answer beside it', async () => {
    const told = (await served.get('/api/queries/Note.Texts?includeHistory=true')).body as Told
    assert.deepEqual(
      [told.result, versions(told)],
      [
        ['a 3', 'b 1'],
        [[3, 2, 1], [1]],
      ],
    )
  })

  test('pages it with historyLimit and historyBefore, in any order and encoding', async () => {
    const page = async (parameters: string): Promise<unknown> =>
      versions((await served.get(`/notes/a?${parameters}`)).body as Told)
    assert.deepEqual(await page('includeHistory=true&historyLimit=2'), [[3, 2]])
    assert.deepEqual(await page('historyBefore=3&historyLimit=1&includeHistory=true'), [[2]])
    assert.deepEqual(await page('include%48istory=true&historyLimit=%31'), [[3]])
  })

  test('is understood where the input does not describe itself, and with a body', async () => {
    const told = (await served.get('/api/queries/Note.Plain?noteId=a&includeHistory=true')).body as Told
    assert.deepEqual(versions(told), [[3, 2, 1]])
    const called = await served.post('/api/call/Note.Get?includeHistory=true&historyLimit=1', { noteId: 'a' })
    assert.deepEqual(versions((called.body as { readonly result: Told }).result), [[3]])
  })

  test('gives an answer that nobody keeps, without an entity tag', async () => {
    const plainAnswer = await served.get('/notes/a')
    assert.match(plainAnswer.headers.get('etag') ?? '', /^"/)
    const told = await served.get('/notes/a?includeHistory=true')
    assert.deepEqual([told.headers.get('etag'), told.headers.get('cache-control')], [null, 'no-store'])
  })

  test('and nothing else asks for it: without, the answer is the same as ever', async () => {
    for (const parameters of ['', '?includeHistory=false', '?includeHistory=false&historyLimit=2', '?historyLimit=2'])
      assert.equal((await served.get(`/notes/a${parameters}`)).text, '{"text":"a 3"}')
  })
})

describe('history is refused', () => {
  for (const parameters of [
    'includeHistory=yes',
    'includeHistory=1',
    'includeHistory=',
    'includeHistory',
    'includeHistory=TRUE',
    'includeHistory=true&historyLimit=0',
    'includeHistory=true&historyLimit=1001',
    'includeHistory=true&historyLimit=x',
    'includeHistory=true&historyBefore=0',
    'includeHistory=true&historyBefore=-1',
    'historyBefore=1.5',
  ])
    test(`with 400: ${parameters}`, async () => {
      const { status, problem } = await served.get(`/notes/a?${parameters}`)
      assert.deepEqual([status, problem.code], [400, 'invalid_parameter'])
    })

  test('when a parameter is repeated or unknown, as with any other', async () => {
    const codeOf = async (path: string): Promise<string> => (await served.get(path)).problem.code
    assert.equal(await codeOf('/notes/a?includeHistory=true&includeHistory=true'), 'repeated_parameter')
    assert.equal(await codeOf('/notes/a?includeHistory=true&historyLimits=2'), 'unknown_parameter')
    const { problem } = await served.post('/api/call/Note.Get?noteId=a', { noteId: 'a' })
    assert.equal(problem.code, 'unknown_parameter')
    const commanded = await served.post('/api/commands/Note.Write?includeHistory=true', { noteId: 'a', text: '' })
    assert.equal(commanded.problem.code, 'unknown_parameter')
  })

  test('to nobody in particular, whom the query itself answers', async () => {
    const nobody = { 'x-nobody': 'yes' }
    for (const path of ['/notes/a', '/api/queries/Note.Get?noteId=a', '/api/queries/Note.Texts']) {
      assert.equal((await served.get(path, nobody)).status, 200)
      const told = await served.get(`${path}${path.includes('?') ? '&' : '?'}includeHistory=true`, nobody)
      assert.deepEqual([told.status, told.problem.code], [401, 'unauthenticated'])
      assert.doesNotMatch(told.text, /eventName/)
    }
    await using nameless = await serveRunning(running)
    assert.equal((await nameless.get('/api/queries/Note.Texts?includeHistory=true')).status, 401)
  })

  test('for a query that says history: false, and for a result that has the field itself', async () => {
    const denied = await served.get('/api/queries/Note.Quiet?includeHistory=true')
    assert.deepEqual([denied.status, denied.problem.code], [403, 'permission_denied'])
    const taken = await served.get('/api/queries/Note.Own?includeHistory=true')
    assert.deepEqual([taken.status, taken.problem.code], [422, 'invalid_input'])
    assert.match(taken.problem.detail ?? '', /"history" of its own/)
  })
})

test('a field of the input that has the same name is the input', async () => {
  assert.equal((await served.get('/api/queries/Note.Flagged?includeHistory=true')).text, '{"flag":true}')
  assert.equal(
    (await served.get('/api/queries/Note.Flagged?includeHistory=true&historyLimit=2')).problem.code,
    'unknown_parameter',
  )
})

describe('the typed client', () => {
  test('asks for history with the options of a query', async () => {
    const client = createClient<typeof app>({ baseUrl: served.url })
    const told = await client.Note.Get({ noteId: 'a' }, { history: { limit: 1, before: 3 } })
    assert.deepEqual([told?.text, told && versions(told)], ['a 3', [[2]]])
    const list = await client.Note.Texts(undefined, { history: true })
    assert.deepEqual(
      [list.result, versions(list)],
      [
        ['a 3', 'b 1'],
        [[3, 2, 1], [1]],
      ],
    )
    assert.deepEqual(await client.Note.Get({ noteId: 'a' }, { history: false }), { text: 'a 3' })
  })
})

describe('the OpenAPI document', () => {
  interface Document {
    readonly paths: {
      readonly [path: string]: { readonly [method: string]: { readonly parameters: readonly object[] } }
    }
    readonly components: { readonly schemas: { readonly [name: string]: object } }
  }
  const asks = { $ref: '#/components/parameters/IncludeHistory' }

  test('says where history can be asked for', async () => {
    const document = (await served.get('/docs/api')).body as Document
    assert.deepEqual(await new Validator().validate(structuredClone(document) as object as Record<string, unknown>), {
      valid: true,
    })
    const offers = (path: string, method: string): boolean =>
      document.paths[path]?.[method]?.parameters.some((found) => JSON.stringify(found) === JSON.stringify(asks)) ??
      false
    assert.ok(offers('/notes/{noteId}', 'get'))
    assert.ok(offers('/api/call/Note.Get', 'post'))
    for (const type of ['Get', 'Texts', 'Plain', 'Flagged', 'Quiet', 'Own'])
      assert.equal(offers(`/api/queries/Note.${type}`, 'get'), ['Get', 'Texts', 'Plain'].includes(type), type)
    // The input of a call is in its body, where no name can meet another.
    assert.ok(offers('/api/call/Note.Flagged', 'post'))
    assert.ok(!offers('/api/commands/Note.Write', 'post'))
  })

  test('describes the answer with history', async () => {
    const { schemas } = ((await served.get('/docs/api')).body as Document).components
    const history = { $ref: '#/components/schemas/Histories' }
    const { anyOf } = schemas['Note.Get.ResultWithHistory'] as { readonly anyOf: readonly object[] }
    assert.deepEqual(anyOf, [
      {
        type: 'object',
        properties: { text: { type: 'string' }, history },
        required: ['text', 'history'],
        additionalProperties: false,
      },
      { type: 'null' },
    ])
    assert.deepEqual((schemas['Note.Texts.ResultWithHistory'] as { readonly required: unknown }).required, [
      'result',
      'history',
    ])
    assert.equal(schemas['Note.Quiet.ResultWithHistory'], undefined)
  })
})
