import assert from 'node:assert/strict'
import { createPublicKey } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { createApp } from '@gesta/core'
import type { AuditCheckpoint, AuditVerification } from '@gesta/core'
import { as, callers, place, privateKey, serveWatched } from '../runtime/watched-shop.ts'
import type { WatchedShop } from '../runtime/watched-shop.ts'
import { operatorAt, operatorOf } from './operator.ts'

interface Entry {
  readonly tenant: string
  readonly sequence: number
  readonly action: string
  readonly actor: string
  readonly outcome: string
  readonly recordedAt: string
  readonly hash: string
  readonly data: { readonly [name: string]: unknown }
}
const acme = '/api/tenants/acme/runtime/audit'
const root = { headers: { ...as('root'), 'user-agent': 'console/1' } }

let shop: WatchedShop
let operator: ReturnType<typeof operatorAt>
before(async () => {
  shop = await serveWatched()
  operator = operatorAt(shop.adminUrl)
  for (const name of ['ann', 'eve'] as const) {
    const { tenant } = callers[name]
    await shop.running.dispatch(place({ orderId: 'A-1', note: '=1+1' }), { context: callers[name] })
    await shop.running.audit.record(callers[name], { action: 'Order.Seen', resource: `Order/${tenant}` })
    await shop.running.audit.record(callers[name], { action: 'Order.Seen', resource: '=1+1', outcome: 'failed' })
  }
})
after(() => shop[Symbol.asyncDispose]())

async function list(path: string): Promise<{ readonly items: readonly Entry[]; readonly cursor?: string }> {
  const { status, body, text } = await operator.get(path, root)
  assert.equal(status, 200, text)
  return body as object as Awaited<ReturnType<typeof list>>
}
/** What is sent piece by piece, as one text. */
async function exported(path: string): Promise<{ readonly text: string; readonly headers: Headers }> {
  const response = await fetch(`${shop.adminUrl}${path}`, { headers: as('root') })
  assert.equal(response.status, 200)
  return { text: await response.text(), headers: response.headers }
}

describe('the audit log over the admin address', () => {
  test('is listed for one tenant, and for all', async () => {
    const { items } = await list(`${acme}?action=Order.Seen&order=oldest`)
    assert.deepEqual(
      items.map(({ tenant, actor, outcome }) => [tenant, actor, outcome]),
      [
        ['acme', 'ann', 'succeeded'],
        ['acme', 'ann', 'failed'],
      ],
    )
    assert.match(items[0]?.recordedAt ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
    assert.match(items[0]?.hash ?? '', /^[0-9a-f]{64}$/)
    assert.equal(items[0]?.data['account'], 'ann@example')
    const all = await list('/admin/audit?action=Order.Seen')
    assert.deepEqual(new Set(all.items.map(({ tenant }) => tenant)), new Set(['acme', 'globex']))
  })

  test('is narrowed, and comes page by page', async () => {
    for (const [question, found] of [
      ['actor=eve', 0],
      ['outcome=failed', 1],
      ['resource=Order/acme', 1],
      ['from=2001-01-01T00:00:00Z', 2],
      ['to=2001-01-01T00:00:00Z', 0],
    ] as const)
      assert.equal((await list(`${acme}?action=Order.Seen&${question}`)).items.length, found, question)
    const first = await list(`${acme}?action=Order.Seen&limit=1`)
    const second = await list(`${acme}?action=Order.Seen&limit=1&cursor=${first.cursor}`)
    assert.deepEqual([first.items[0]?.outcome, second.items[0]?.outcome], ['failed', 'succeeded'])
  })

  test('has who looked at it, from where and with what', async () => {
    await list(`${acme}?actor=nobody`)
    const { items } = await list(`${acme}?action=Audit.Read`)
    const { address, userAgent } = items[0]?.data ?? {}
    assert.deepEqual([items[0]?.actor, address, userAgent], ['root', '127.0.0.1', 'console/1'])
  })

  test('is exported as JSON Lines and as CSV', async () => {
    const lines = await exported(`${acme}/export?action=Order.Seen`)
    assert.equal(lines.headers.get('content-type'), 'application/x-ndjson; charset=utf-8')
    assert.equal(lines.headers.get('content-disposition'), 'attachment; filename="audit.jsonl"')
    const entries = lines.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry)
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['Order.Seen', 'Order.Seen'],
    )
    const table = await exported('/admin/audit/export?format=csv&action=Order.Seen')
    assert.equal(table.headers.get('content-type'), 'text/csv; charset=utf-8')
    assert.equal(table.text.trimEnd().split('\n').length, 1 + 4)
  })

  test('is exported in pieces: an export of many entries is whole', async () => {
    for (let at = 0; at < 1_100; at++)
      await shop.running.audit.record(callers.ann, { action: 'Order.Many', resource: 'x'.repeat(900) })
    const { text } = await exported(`${acme}/export?action=Order.Many`)
    assert.equal(text.trimEnd().split('\n').length, 1_100)
  })

  test('is verified, against checkpoints too', async () => {
    const taken = await operator.post('/admin/audit/checkpoint', {}, root)
    assert.equal(taken.status, 200, taken.text)
    const checkpoint = taken.body as object as AuditCheckpoint
    assert.deepEqual(
      checkpoint.heads.map(({ tenant }) => tenant),
      ['SYSTEM', 'acme', 'globex'],
    )
    const verified = async (path: string, body: object): Promise<AuditVerification> => {
      const { status, body: answer, text } = await operator.post(path, body, root)
      assert.equal(status, 200, text)
      return answer as object as AuditVerification
    }
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' })
    const { tenants, breaks } = await verified('/admin/audit/verify', { checkpoints: [checkpoint], publicKey })
    assert.deepEqual([tenants, breaks], [3, []])
    assert.equal((await verified(`${acme}/verify`, {})).tenants, 1)
    const heads = checkpoint.heads.map((head) => ({ ...head, sequence: head.sequence + 1_000 }))
    const forged = await verified('/admin/audit/verify', { checkpoints: [{ ...checkpoint, heads }], publicKey })
    assert.equal(forged.breaks[0]?.problem, 'checkpoint_invalid')
  })

  test('says what is missing where there is no key, and no key where there is another text', async () => {
    const app = createApp('keyless', { domains: [] })
    await using running = await app.start()
    await using keyless = await operatorOf(running)
    const codeOf = async (path: string, body: object): Promise<unknown> => {
      const { status, problem } = await keyless.post(path, body)
      return [status, problem.code]
    }
    assert.deepEqual(await codeOf('/admin/audit/checkpoint', {}), [409, 'audit_key_missing'])
    const taken = await operator.post('/admin/audit/checkpoint', {}, root)
    const checkpoints = [taken.body]
    assert.deepEqual(await codeOf('/admin/audit/verify', { checkpoints }), [409, 'audit_key_missing'])
    assert.deepEqual(await codeOf('/admin/audit/verify', { publicKey: 'no key' }), [422, 'invalid_input'])
  })

  test('refuses what it cannot follow', async () => {
    const codeOf = async (path: string): Promise<string> => (await operator.get(path, root)).problem.code
    assert.equal(await codeOf(`${acme}?actoin=x`), 'unknown_parameter')
    assert.equal(await codeOf(`${acme}?outcome=lost`), 'invalid_input')
    assert.equal(await codeOf(`${acme}?from=yesterday`), 'invalid_input')
    assert.equal(await codeOf(`${acme}?cursor=x`), 'invalid_cursor')
    assert.equal(await codeOf(`${acme}/export?format=xml`), 'invalid_input')
    assert.equal(await codeOf(`${acme}/checkpoint`), 'unknown_path')
    for (const checkpoints of [1, [1], [{}], [{ version: 1, heads: [{}], takenAt: '', signature: '', keyId: '' }]]) {
      const { problem } = await operator.post('/admin/audit/verify', { checkpoints }, root)
      assert.equal(problem.code, 'invalid_input', JSON.stringify(checkpoints))
    }
  })

  test('is not on the main address', async () => {
    assert.equal((await shop.get(acme, as('root'))).problem.code, 'unknown_path')
    assert.equal((await shop.get('/admin/audit', as('root'))).problem.code, 'unknown_path')
  })
})
