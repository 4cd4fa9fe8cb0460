import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { systemContext } from '@gesta/core'
import { loggedShop } from './logged-shop.ts'
import type { LoggedShop } from './logged-shop.ts'

const commands = '/api/runtime/commands'
const acme = '/api/tenants/acme/runtime/commands'

interface ShownCommand {
  readonly tenant: string
  readonly commandId: string
  readonly commandType: string
  readonly status: string
  readonly recordedAt: string
  readonly context: { readonly [field: string]: unknown }
  readonly payload: unknown
}

/** Commands of the shop. What an operator changes leaves a record too, under the name of the audit log. */
async function listed({ operator, told }: LoggedShop, path: string): Promise<readonly string[]> {
  const { items } = await told(operator.get(path))
  return (items as readonly ShownCommand[]).flatMap(({ commandId, commandType }) =>
    commandType === 'Gesta.Audit' ? [] : [commandId],
  )
}

describe('how recording goes', () => {
  test('is told in counts', async () => {
    await using shop = await loggedShop()
    await shop.place('A-1', 100)
    assert.deepEqual(await shop.told(shop.operator.get('/admin/command-log')), { recorded: 1, sampled: 0, lost: 0 })
  })
})

describe('the commands that an operator sees', () => {
  test('are those of one tenant, or of an app without tenants', async () => {
    await using shop = await loggedShop()
    await shop.place('A-1', 100)
    await shop.place('A-1', 200, { context: { tenant: 'acme' } })
    await shop.place('A-2', 300, { context: { tenant: 'bolt & co/2' } })
    assert.deepEqual(await listed(shop, commands), ['A-1'])
    assert.deepEqual(await listed(shop, '/api/tenants/bolt%20%26%20co%2F2/runtime/commands'), ['A-2'])
    assert.deepEqual(await listed(shop, '/api/tenants/nobody/runtime/commands'), [])
    const shown = (await shop.told(shop.operator.get(`${acme}/A-1`))) as unknown as ShownCommand
    assert.deepEqual([shown.tenant, shown.payload], ['acme', { orderId: 'A-1', pence: 200 }])
  })

  test('are narrowed by status, type, correlation, sender and time, in either order', async () => {
    await using shop = await loggedShop()
    await shop.place('A-1', 1, { context: { correlationId: 'request', identity: 'ann', account: 'a' } })
    await shop.place('A-2', 1)
    await assert.rejects(shop.running.dispatch({ type: 'Order.Close', data: undefined } as never, { commandId: 'no' }))
    await shop.running.dispatch({ type: 'Order.Place', data: { orderId: 'A-1', pence: 2 } } as never, {
      commandId: 'again',
    })
    for (const [question, found] of [
      ['', ['again', 'no', 'A-2', 'A-1']],
      ['?order=oldest', ['A-1', 'A-2', 'no', 'again']],
      ['?status=denied', ['no']],
      ['?status=denied,rejected', ['again', 'no']],
      ['?status=denied&status=rejected', ['again', 'no']],
      ['?type=Order.Close', ['no']],
      ['?correlation=request', ['A-1']],
      ['?sender=ann', ['A-1']],
      ['?from=1970-01-01T00:00:00Z&to=2001-01-01T00:00:00%2B01:00', []],
      ['?from=2001-01-01T00:00:00.5Z&status=rejected', ['again']],
    ] as const)
      assert.deepEqual(await listed(shop, `${commands}${question}`), found, question)
    const { items } = await shop.told(shop.operator.get(`${commands}?order=oldest`))
    const [, second] = items as readonly ShownCommand[]
    const time = second?.recordedAt ?? ''
    assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    assert.equal((await listed(shop, `${commands}?to=${time}`)).includes('A-2'), false)
    assert.equal((await listed(shop, `${commands}?from=${time}`)).includes('A-2'), true)
  })

  test('come page by page', async () => {
    await using shop = await loggedShop()
    for (const id of ['A-1', 'A-2', 'A-3']) await shop.place(id, 1)
    const page = async (question: string) => {
      const { items, cursor } = await shop.told(shop.operator.get(`${commands}?limit=2${question}`))
      return { ids: (items as readonly ShownCommand[]).map(({ commandId }) => commandId), cursor }
    }
    const first = await page('')
    assert.deepEqual(first.ids, ['A-3', 'A-2'])
    assert.deepEqual(await page(`&cursor=${String(first.cursor)}`), { ids: ['A-1'], cursor: undefined })
    const other = await shop.operator.get(`${commands}?type=Order.Place&cursor=${String(first.cursor)}`)
    assert.deepEqual([other.status, other.problem.code], [400, 'invalid_cursor'])
  })

  test('have context and payload as values; what was cut stays text, and says so', async () => {
    await using shop = await loggedShop()
    const context = { correlationId: 'request', attributes: { channel: 'mail' } }
    await shop.place('A-1', 100, { context, metadata: { address: '127.0.0.1' } }, { card: '4111' })
    const shown = await shop.told(shop.operator.get(`${commands}/A-1`))
    assert.deepEqual(shown['context'], context)
    assert.deepEqual(shown['payload'], { orderId: 'A-1', pence: 100, card: '[secret]' })
    assert.deepEqual(shown['redacted'], ['card'])
    assert.deepEqual(shown['metadata'], { address: '127.0.0.1' })
    assert.deepEqual(shown['events'], [{ id: 'A-1.0', position: 1 }])
    assert.ok(Number(shown['durationUs']) >= 0)
    await shop.place('A-2', 100, {}, { lines: Array.from({ length: 1_100 }, () => 'x'.repeat(1_000)) })
    const cut = await shop.told(shop.operator.get(`${commands}/A-2`))
    assert.deepEqual(cut['truncated'], ['payload'])
    assert.ok(typeof cut['payload'] === 'string' && cut['payload'].startsWith('{"lines":["xxx'))
  })
})

describe('a trace', () => {
  test('is that of any id, with what followed', async () => {
    await using shop = await loggedShop()
    await shop.place('A-1', 100, { context: { tenant: 'acme', correlationId: 'request/7 ü' } })
    await shop.running.caughtUp()
    const trace = (id: string) =>
      shop.told(shop.operator.get(`/api/tenants/acme/runtime/trace/${encodeURIComponent(id)}?limit=10`))
    const { kind, tenant, correlationId, truncated, commands: found } = await trace('request/7 ü')
    assert.deepEqual([kind, tenant, correlationId, truncated], ['correlation', 'acme', 'request/7 ü', false])
    const [{ record, events }] = found as [{ record: ShownCommand; events: { [field: string]: unknown }[] }]
    assert.deepEqual(
      [record.commandId, record.context['correlationId'], 'payload' in record],
      ['A-1', 'request/7 ü', false],
    )
    assert.match(record.recordedAt, /Z$/)
    assert.deepEqual(events[0]?.['readModels'], [{ name: 'Order.Totals', state: 'live', seen: true, lagEvents: 0 }])
    assert.match(String(events[0]?.['recordedAt']), /Z$/)
    assert.deepEqual((await trace('A-1.0'))['commands'], found)
  })
})

describe('an operator', () => {
  test('issues a command again, for whom the body names, and is told the outcome', async () => {
    await using shop = await loggedShop()
    await shop.place('A-1', 100, { context: { tenant: 'acme' } })
    const body = { action: 'reissue', context: { tenant: 'acme', identity: 'ann', account: 'a' } }
    const outcome = await shop.told(shop.operator.post(`${acme}/A-1`, body))
    assert.deepEqual([outcome['ok'], (outcome['rejection'] as { code: string }).code], [false, 'exists'])
    const shown = await shop.told(shop.operator.get(`${acme}/${String(outcome['commandId'])}`))
    assert.deepEqual(shown['context'], { ...body.context, correlationId: 'A-1', causationId: 'A-1' })
    const given = { ...body, payload: { orderId: 'A-2', pence: 7 }, idempotencyKey: 'once', deadlineMs: 5_000 }
    const accepted = await shop.told(shop.operator.post(`${acme}/A-1`, given))
    assert.deepEqual([accepted['ok'], accepted['version']], [true, 1])
    assert.equal((await shop.told(shop.operator.post(`${acme}/A-1`, given)))['commandId'], accepted['commandId'])
  })

  test('is believed, and not more than the command’s own permission', async () => {
    await using shop = await loggedShop()
    const account = { account: 'a', session: 's' }
    await shop.running.dispatch({ type: 'Order.Close', data: undefined } as never, { commandId: 'c', context: account })
    const denied = await shop.operator.post(`${commands}/c`, { action: 'reissue' })
    assert.deepEqual([denied.status, denied.problem.code], [403, 'permission_denied'])
    const closed = await shop.told(shop.operator.post(`${commands}/c`, { action: 'reissue', context: account }))
    assert.equal(closed['ok'], true)
  })

  test('is told what a record lacks, and gives a payload as large as any', async () => {
    await using shop = await loggedShop()
    await shop.place('A-1', 100, {}, { card: '4111' })
    const incomplete = await shop.operator.post(`${commands}/A-1`, { action: 'reissue' })
    assert.deepEqual([incomplete.status, incomplete.problem.code], [409, 'record_incomplete'])
    assert.match(incomplete.problem.detail ?? '', /card was redacted\. Give the payload/)
    await shop.operator.post(`${commands}/A-1`, { action: 'redact' })
    const redacted = await shop.operator.post(`${commands}/A-1`, { action: 'reissue' })
    assert.deepEqual([redacted.status, redacted.problem.code], [410, 'data_gone'])
    const payload = { orderId: 'A-2', pence: 1, lines: ['x'.repeat(1_000_000)] }
    const outcome = await shop.told(shop.operator.post(`${commands}/A-1`, { action: 'reissue', payload }))
    assert.equal(outcome['ok'], true)
    assert.equal((await shop.operator.post(commands, { action: 'purge', before: 'x'.repeat(20_000) })).status, 413)
  })

  test('takes the payload out of a record', async () => {
    await using shop = await loggedShop()
    await shop.place('A-1', 100)
    assert.deepEqual(await shop.told(shop.operator.post(`${commands}/A-1`, { action: 'redact' })), { redacted: true })
    const shown = await shop.told(shop.operator.get(`${commands}/A-1`))
    assert.deepEqual([shown['payload'], shown['redacted']], [undefined, ['*']])
  })

  test('purges records that are old, of one tenant and of some statuses', async () => {
    await using shop = await loggedShop()
    await shop.place('A-1', 100)
    await shop.running.dispatch({ type: 'Order.Place', data: { orderId: 'A-1', pence: 2 } } as never, {
      commandId: 'again',
    })
    await shop.place('B-1', 100, { context: { tenant: 'acme' } })
    const before = '2200-12-31T00:00:00Z'
    const purge = (path: string, more: object) =>
      shop.told(shop.operator.post(path, { action: 'purge', before, ...more }))
    assert.deepEqual(await purge(commands, { before: '2001-01-01T00:00:00Z' }), { purged: 0 })
    assert.deepEqual(await purge(commands, { statuses: ['rejected', 'failed'] }), { purged: 1 })
    assert.deepEqual(await listed(shop, commands), ['A-1'])
    // What the purges left in the audit log has records as well, and they go; the entries stay. The end of this one is not there yet.
    assert.deepEqual(await purge(commands, { limit: 10 }), { purged: 1 + 5 })
    const { items } = await shop.running.audit.list(systemContext(), { action: 'StoreCommand.Delete' })
    assert.equal(items.length, 3)
    assert.deepEqual([await listed(shop, commands), await listed(shop, acme)], [[], ['B-1']])
  })
})

describe('what cannot be followed is refused:', () => {
  const refused = (
    title: string,
    ask: (shop: LoggedShop) => ReturnType<LoggedShop['operator']['get']>,
    ...expected: readonly [number, string, RegExp]
  ): void =>
    void test(title, async () => {
      await using shop = await loggedShop()
      await shop.place('A-1', 100)
      const [status, code, detail] = expected
      const { status: received, problem } = await ask(shop)
      assert.deepEqual([received, problem.code], [status, code])
      assert.match(problem.detail ?? '', detail)
      assert.deepEqual(await listed(shop, commands), ['A-1'])
      assert.deepEqual(shop.operator.logged, [])
    })
  const get = (path: string) => (shop: LoggedShop) => shop.operator.get(path)
  const post = (path: string, body: object) => (shop: LoggedShop) => shop.operator.post(path, body)
  refused('an unknown id', get(`${commands}/A-2`), 404, 'command_unknown', /that the log has/)
  refused('another tenant’s id', get(`${acme}/A-1`), 404, 'command_unknown', /of this tenant/)
  refused('the trace of nothing', get('/api/runtime/trace/nobody'), 404, 'command_unknown', /a correlation, command/)
  refused(
    'redacting nothing',
    post(`${commands}/A-2`, { action: 'redact' }),
    404,
    'command_unknown',
    /that the log has/,
  )
  refused('issuing nothing again', post(`${commands}/A-2`, { action: 'reissue' }), 404, 'command_unknown', /A-2/)
  refused(
    'a status that there is not',
    get(`${commands}?status=accepted,lost`),
    422,
    'invalid_input',
    /some of accepted, rejected/,
  )
  refused(
    'a time without a zone',
    get(`${commands}?from=2026-01-05T10:00:00`),
    422,
    'invalid_input',
    /from: expected a time/,
  )
  refused(
    'an unknown parameter',
    get(`${commands}?correlationId=a`),
    400,
    'unknown_parameter',
    /Did you mean "correlation"\?/,
  )
  refused(
    'a limit out of bounds',
    get(`/api/runtime/trace/A-1?limit=0`),
    422,
    'invalid_input',
    /limit: expected a whole/,
  )
  refused(
    'an unknown action',
    post(`${commands}/A-1`, { action: 'redcat' }),
    422,
    'invalid_input',
    /\(did you mean "redact"\?\)/,
  )
  refused(
    'a field of another action',
    post(`${commands}/A-1`, { action: 'redact', payload: 1 }),
    422,
    'unknown_field',
    /"payload"/,
  )
  refused(
    'a caller of unknown fields',
    post(`${commands}/A-1`, { action: 'reissue', context: { acount: 'a' } }),
    422,
    'unknown_field',
    /Did you mean "account"\?/,
  )
  refused(
    'a purge without a time',
    post(commands, { action: 'purge' }),
    422,
    'invalid_input',
    /before: expected a time/,
  )
  refused(
    'a page of a browser',
    (shop) => shop.operator.get(commands, { headers: { origin: 'http://127.0.0.1' } }),
    403,
    'not_local',
    /a page in a browser/,
  )
})
