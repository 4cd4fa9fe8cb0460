// Looking at the audit log: who may, what is seen, and that the look itself is in the log before it is answered.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { verifyAuditLog } from '@gesta/core'
import type { AuditCheckpoint, AuditLog, StoredAuditEntry } from '@gesta/core'
import { admin, auditor, openedAudit, publicKey, store } from './opened-audit.ts'
import { factsOf } from './vault.ts'

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}
const last = async ({ backend }: Awaited<ReturnType<typeof openedAudit>>, tenant: string): Promise<string> => {
  const [entry] = (await backend.audit.list({ tenant, order: 'newest' }, { limit: 1 })).items
  return `${entry?.action} ${entry?.actor} ${entry?.outcome} ${entry?.resource} ${factsOf(entry?.data ?? '{}').reason}`
}

describe('a look at the audit log', () => {
  test('shows an auditor the own tenant alone, and is in its log', async () => {
    const opened = await openedAudit()
    await store(opened.backend, 't', [2, 1])
    await store(opened.backend, 'other', [3])
    const page = await opened.audit.list(auditor, { outcome: 'succeeded' }, { limit: 2, withTotal: true })
    assert.deepEqual([page.items.map(({ sequence }) => sequence), page.total], [[3, 2], 3])
    assert.equal(await last(opened, 't'), 'Audit.Read eve succeeded Audit/t where {"outcome":"succeeded"}')
    const rest = await opened.audit.list(auditor, { outcome: 'succeeded', tenant: 't' }, { limit: 9 })
    assert.equal(rest.items.length, 4)
    assert.deepEqual(opened.asked, ['eve Audit.Read', 'eve Audit.Read'])
  })

  test('at another tenant is denied, and the denial is in the log', async () => {
    const opened = await openedAudit()
    await store(opened.backend, 'other', [1])
    for (const look of [
      () => opened.audit.list(auditor, { tenant: 'other' }),
      () => textOf(opened.audit.export(auditor, 'csv', { tenant: '' })),
      () => opened.audit.exportPage(auditor, 'csv', { tenant: 'other' }),
      () => opened.audit.verify(auditor, { tenant: 'other' }),
    ])
      await assert.rejects(look, { code: 'permission_denied' })
    assert.equal(await opened.backend.audit.total({ tenant: 't', outcome: 'denied' }), 4)
    assert.equal(await opened.backend.audit.total({ tenant: 'other' }), 1)
  })

  test('of an operator is at all tenants, or at one, and lies where it was at', async () => {
    const opened = await openedAudit()
    await store(opened.backend, 't', [1])
    await store(opened.backend, 'other', [1])
    assert.equal((await opened.audit.list(admin, {})).items.length, 2)
    assert.equal(await last(opened, 'SYSTEM'), 'Audit.Read root succeeded Audit where {}')
    assert.equal((await opened.audit.list(admin, { tenant: 'other' })).items.length, 1)
    assert.equal(await last(opened, 'other'), 'Audit.Read root succeeded Audit/other where {"tenant":"other"}')
  })

  test('asks for the permission of its kind, and shows nothing to who has it not', async () => {
    const opened = await openedAudit()
    opened.refused.add('eve')
    const calls = [
      () => opened.audit.list(auditor, {}),
      () => textOf(opened.audit.export(auditor, 'csv', {})),
      () => opened.audit.exportPage(auditor, 'jsonl', {}),
      () => opened.audit.verify(auditor),
      () => opened.audit.checkpoint(auditor),
    ]
    for (const call of calls) await assert.rejects(call, { code: 'permission_denied' })
    const kinds = ['Read', 'Export', 'Export', 'Verify', 'Verify']
    assert.deepEqual(
      opened.asked,
      kinds.map((kind) => `eve Audit.${kind}`),
    )
    assert.equal(await opened.backend.audit.total(), 0)
  })

  test('is not answered when it cannot be in the log', async () => {
    const opened = await openedAudit()
    await opened.backend.events[Symbol.asyncDispose]()
    await assert.rejects(opened.audit.list(admin, {}), { code: 'store_closed' })
    await assert.rejects(opened.audit.record(admin, { action: 'Session.SignIn' }), { code: 'store_closed' })
  })
})

describe('an export', () => {
  test('as JSON Lines has every entry exactly, oldest first, without itself, and proves its chain', async () => {
    const opened = await openedAudit()
    await store(
      opened.backend,
      't',
      Array.from({ length: 1_100 }, () => 2),
    )
    const before = (await opened.backend.audit.list({ order: 'oldest' }, { limit: 10_000 })).items
    const text = await textOf(opened.audit.export(auditor, 'jsonl', {}))
    const lines = text.trimEnd().split('\n')
    const entries = lines.map((line) => JSON.parse(line) as StoredAuditEntry)
    assert.deepEqual(entries, before)
    const read = async ({ after }: { readonly after: number }) => entries.slice(after, after + 500)
    const log = { ...opened.backend.audit, read, list: async () => ({ items: entries.slice(-1) }) }
    assert.deepEqual((await verifyAuditLog(log, { tenant: 't' })).breaks, [])
    assert.equal(await last(opened, 't'), 'Audit.Export eve succeeded Audit/t where {}')
  })

  test('as CSV has names, facts in columns, and nothing that a spreadsheet would run', async () => {
    const opened = await openedAudit()
    const evil = '=HYPERLINK("http://evil.example","x")'
    const data = JSON.stringify({ reason: '+1, "two"\r\nthree', address: '192.0.2.1' })
    await store(opened.backend, 't', [1], { actor: evil, resource: '@SUM(A1)', data })
    const text = await textOf(opened.audit.export(admin, 'csv', { tenant: 't' }))
    const [heading, ...rest] = text.split('\r\n')
    assert.equal(
      heading,
      'tenant,sequence,recordedAt,action,actor,resource,outcome,reason,account,session,impersonator,address,userAgent,requestId,correlationId,commandId,index,hash,data',
    )
    const row = rest.join('\r\n')
    assert.ok(row.startsWith('t,1,2023-11-14T'))
    assert.ok(
      row.includes(
        `,"'=HYPERLINK(""http://evil.example"",""x"")",'@SUM(A1),succeeded,"'+1, ""two""\r\nthree",,,,192.0.2.1,`,
      ),
    )
    assert.ok(row.endsWith('\r\n'))
  })

  test('as CSV has no formula for a spreadsheet that separates cells in its own way', async () => {
    const opened = await openedAudit()
    const formulas = ['x;=cmd|1', 'x; "=1+1"', 'x\t@SUM(A1)', 'x\n-1', '\t=1', '\ufeff=1']
    for (const userAgent of formulas) await store(opened.backend, 't', [1], { data: JSON.stringify({ userAgent }) })
    await store(opened.backend, 't', [1], { resource: `${';'.repeat(500)} ${' '.repeat(500)}` })
    const text = await textOf(opened.audit.export(admin, 'csv', { tenant: 't' }))
    for (const separators of [/[;\n\r]/, /[,;\t\n\r]/, /[\t\n\r]/])
      for (const cell of text.split(separators)) assert.doesNotMatch(cell, /^[\s"]*[=+\-@]/)
  })

  test('has an entry whose time somebody made none', async () => {
    const lying = (log: AuditLog): Partial<AuditLog> => ({
      list: async (filter, page) => {
        const found = await log.list(filter, page)
        return { ...found, items: found.items.map((item) => ({ ...item, recordedAt: 2 ** 63 })) }
      },
    })
    const opened = await openedAudit(lying)
    await store(opened.backend, 't', [2])
    const text = await textOf(opened.audit.export(admin, 'csv', { tenant: 't' }))
    assert.ok(text.includes(`t,1,${2 ** 63},`) && text.includes(`t,2,${2 ** 63},`))
  })

  test('for whom no stream is: page after page, and the names of columns once', async () => {
    const opened = await openedAudit()
    await store(opened.backend, 't', [5])
    const first = await opened.audit.exportPage(admin, 'csv', { tenant: 't' }, { limit: 3 })
    const second = await opened.audit.exportPage(admin, 'csv', { tenant: 't' }, { limit: 100, cursor: first.cursor })
    assert.deepEqual(
      [first.text.split('\r\n').length, second.text.split('\r\n').length, second.cursor],
      [5, 4, undefined],
    )
    assert.ok(first.text.startsWith('tenant,') && second.text.startsWith('t,4,'))
  })

  test('that nobody reads asks for nothing and leaves nothing', async () => {
    const opened = await openedAudit()
    opened.audit.export(admin, 'csv', {})
    assert.deepEqual([opened.asked, await opened.backend.audit.total()], [[], 0])
  })
})

describe('a checkpoint', () => {
  test('has the heads of all tenants, itself included, and is signed', async () => {
    const opened = await openedAudit()
    await store(opened.backend, 't', [2])
    await store(opened.backend, 'other', [1])
    const checkpoint = await opened.audit.checkpoint(admin)
    assert.deepEqual(checkpoint.heads, await opened.backend.audit.heads())
    assert.deepEqual(
      checkpoint.heads.map(({ tenant, sequence }) => [tenant, sequence]),
      [
        ['SYSTEM', 1],
        ['other', 1],
        ['t', 2],
      ],
    )
    const kept = JSON.parse(JSON.stringify(checkpoint)) as AuditCheckpoint
    assert.deepEqual(await verifyAuditLog(opened.backend.audit, { checkpoints: [kept], publicKey }), {
      tenants: 3,
      entries: 4,
      breaks: [],
    })
    assert.match(checkpoint.keyId, /^[0-9a-f]{32}$/)
    assert.deepEqual(
      (await opened.audit.checkpoint(auditor)).heads.map(({ tenant }) => tenant),
      ['t'],
    )
  })

  test('that was changed, or is of another key, proves nothing and is named', async () => {
    const opened = await openedAudit()
    await store(opened.backend, 't', [2])
    const good = await opened.audit.checkpoint(admin)
    const [head] = good.heads
    assert.ok(head)
    const bad: readonly unknown[] = [
      { ...good, takenAt: '2020-01-01T00:00:00.000Z' },
      { ...good, heads: [{ ...head, sequence: 1, hash: '0'.repeat(64) }] },
      { ...good, heads: [] },
      { ...good, signature: good.signature.slice(0, -2) },
      { ...good, signature: `${good.signature}=` },
      { ...good, keyId: '0'.repeat(32) },
      { ...good, extra: 1 },
      { ...good, version: 2 },
      { heads: 7 },
      null,
    ]
    const { breaks } = await verifyAuditLog(opened.backend.audit, { checkpoints: bad as AuditCheckpoint[], publicKey })
    assert.deepEqual(
      breaks.map(({ problem }) => problem),
      bad.map(() => 'checkpoint_invalid'),
    )
    for (const [at, { message }] of breaks.entries())
      assert.ok(message.startsWith(`Checkpoint ${at + 1} proves nothing`))
    await assert.rejects(verifyAuditLog(opened.backend.audit, { checkpoints: [good] }), {
      code: 'audit_key_missing',
      message: /publicKey/,
    })
    await assert.rejects(verifyAuditLog(opened.backend.audit, { publicKey: 'x' }), {
      code: 'invalid_input',
      message: /Ed25519/,
    })
  })

  test('is looked at with the key of the app when nobody passes one', async () => {
    const opened = await openedAudit()
    await store(opened.backend, 't', [2])
    const checkpoint = await opened.audit.checkpoint(admin)
    assert.deepEqual((await opened.audit.verify(admin, { checkpoints: [checkpoint] })).breaks, [])
    assert.equal(await last(opened, 'SYSTEM'), 'Audit.Verify root succeeded Audit 3 entries of 2 tenants, 0 breaks')
  })
})

test("an entry of one's own is stored in the caller's tenant, with where it came from", async () => {
  const opened = await openedAudit()
  const note = {
    action: 'Session.SignIn',
    outcome: 'denied',
    reason: 'wrong password',
    resource: 'Account/ann',
  } as const
  await opened.audit.record({ targetTenant: 't' }, note, { address: '192.0.2.7' })
  const [entry] = (await opened.backend.audit.list({ tenant: 't' })).items
  assert.deepEqual(
    [entry?.action, entry?.actor, entry?.outcome, entry?.resource],
    ['Session.SignIn', '', 'denied', 'Account/ann'],
  )
  assert.deepEqual(factsOf(entry?.data ?? '{}'), { address: '192.0.2.7', reason: 'wrong password' })
  await assert.rejects(opened.audit.record({}, {} as never), /action/)
  assert.equal((await opened.audit.info()).items, 1)
})
