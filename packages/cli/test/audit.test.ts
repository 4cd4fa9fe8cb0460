import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { answering } from './given/answering.ts'
import { gesta, gestaHere, temporaryFolder } from './run-gesta.ts'

const entry = {
  tenant: 'acme',
  sequence: 7,
  commandId: 'c-1',
  index: 0,
  recordedAt: '2026-01-05T10:00:00.000000Z',
  action: 'Order.Cancel',
  actor: 'ann',
  resource: 'Order/A-1',
  outcome: 'denied',
  hash: 'ab',
  data: { reason: 'not hers', impersonator: 'root' },
}

describe('gesta audit', () => {
  test('list shows who did what, of all tenants or of one', async () => {
    await using app = await answering({ body: { items: [entry], cursor: 'more' } })
    const list = await gestaHere(['audit', 'list', '--url', app.url])
    assert.equal(
      list.stdout,
      `recorded                     tenant  entry  actor          action        resource   outcome  reason
2026-01-05T10:00:00.000000Z  acme    7      ann (by root)  Order.Cancel  Order/A-1  denied   not hers

There are more: --cursor=more\n`,
    )
    const narrowed = ['--actor', 'ann', '--outcome', 'denied', '--from', '2026-01-01T00:00:00Z', '--limit', '5']
    await gestaHere(['audit', 'list', ...narrowed, '--tenant', 'a/b', '--oldest', '--cursor=c', '--url', app.url])
    await gestaHere(['audit', 'list', '--before', '2026-01-01T00:00:00Z', '--url', app.url])
    assert.deepEqual(
      app.asked.map(({ path }) => path),
      [
        '/admin/audit',
        '/api/tenants/a%2Fb/runtime/audit?actor=ann&outcome=denied&from=2026-01-01T00%3A00%3A00Z&order=oldest&limit=5&cursor=c',
        '/admin/audit?to=2026-01-01T00%3A00%3A00Z',
      ],
    )
  })

  test('export writes what the app gives, byte for byte, to standard output or to a new file', async () => {
    const text = 'tenant,reason\r\nacme,"a\u0007b"\r\n'
    await using app = await answering({ text })
    await using folder = await temporaryFolder()
    const ask = ['audit', 'export', '--format', 'csv', '--url', app.url]
    assert.equal((await gesta(ask)).stdout, text)
    const told = await gestaHere([...ask, '--to', 'audit.csv', '--action', 'Order.Cancel'], { folder: folder.path })
    assert.equal(told.stdout, `${Buffer.byteLength(text)} bytes are in audit.csv.\n`)
    assert.equal(await readFile(join(folder.path, 'audit.csv'), 'utf8'), text)
    assert.equal(app.asked.at(-1)?.path, '/admin/audit/export?action=Order.Cancel&format=csv')
    const again = await gestaHere([...ask, '--to', 'audit.csv'], { folder: folder.path })
    assert.deepEqual([again.code, /that can be made, received "audit.csv" \(EEXIST\)/.test(again.stderr)], [2, true])
    for (const wrong of [['--format', 'xml'], ['--format', 'csv', '--json'], []])
      assert.equal((await gestaHere(['audit', 'export', ...wrong, '--url', app.url])).code, 2)
  })

  test('an export that is cut off leaves no file, and ends with 1', async () => {
    await using app = await answering({ text: 'tenant\r\n', cut: true })
    await using folder = await temporaryFolder()
    const ask = ['audit', 'export', '--format', 'csv', '--url', app.url]
    const { code, stderr } = await gestaHere([...ask, '--to', 'audit.csv'], { folder: folder.path })
    assert.equal(code, 1)
    assert.match(stderr, /^gesta: unreachable: .*ended its answer before it was whole/)
    await assert.rejects(readFile(join(folder.path, 'audit.csv')), { code: 'ENOENT' })
  })

  test('a refused export makes no file and says why', async () => {
    await using app = await answering({ status: 403, body: { code: 'permission_denied', title: 'No' } })
    await using folder = await temporaryFolder()
    const ask = ['audit', 'export', '--format', 'jsonl', '--url', app.url, '--to', 'audit.jsonl']
    const { code, stderr } = await gestaHere(ask, { folder: folder.path })
    assert.deepEqual([code, stderr.startsWith('gesta: permission_denied: No. Ask an administrator')], [1, true])
    await assert.rejects(readFile(join(folder.path, 'audit.jsonl')), { code: 'ENOENT' })
  })

  test('checkpoint prints what a running app signed, or writes it to a new file', async () => {
    const checkpoint = { version: 1, takenAt: 'T', heads: [], signature: 's', keyId: 'k' }
    await using app = await answering({ body: checkpoint })
    await using folder = await temporaryFolder()
    const ask = ['audit', 'checkpoint', '--url', app.url]
    assert.deepEqual(JSON.parse((await gestaHere(ask)).stdout), checkpoint)
    await gestaHere([...ask, '--to', 'checkpoint.json'], { folder: folder.path })
    assert.deepEqual(JSON.parse(await readFile(join(folder.path, 'checkpoint.json'), 'utf8')), checkpoint)
    assert.deepEqual(
      app.asked.map(({ method, path, body }) => [method, path, body]),
      [0, 1].map(() => ['POST', '/admin/audit/checkpoint', {}]),
    )
    await writeFile(join(folder.path, 'key.pem'), '')
    const both = await gestaHere([...ask, '--key', 'key.pem'], { folder: folder.path })
    assert.deepEqual([both.code, /a private key is sent nowhere/.test(both.stderr)], [2, true])
  })
})
