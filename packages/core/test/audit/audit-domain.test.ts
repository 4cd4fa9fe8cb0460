// The domain `Audit`: what callers ask of the audit log as queries of an app, and what the app is started with.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, auditDomain, command as defineCommand, domain, event, systemContext } from '@gesta/core'
import type { Directory, StoredAuditEntry } from '@gesta/core'
import { z } from 'zod'
import { catalogueOf } from '../../src/app/catalogue.ts'
import { ExportAudit, ReadAudit, VerifyAudit } from '../../src/audit/audit-contracts.ts'
import { startApp } from '../started-app.ts'
import { publicKey, signingKey } from './opened-audit.ts'
import { ann, entriesOf, factsOf, fill, told, vaults } from './vault.ts'

/** Ann's group holds what it is given. */
const directory = (...permissions: readonly string[]): Directory => ({
  identity: async ({ tenant, identity }) =>
    tenant === 't' && identity === ann.identity ? { groups: ['g'] } : undefined,
  group: async (_, id) => (id === 'g' ? { permissions } : undefined),
  hasWorkspace: async () => false,
})
const command = fill({ id: 'a', gold: 5, pin: '1234' })
const denied = { code: 'permission_denied' }

describe('the domain Audit', () => {
  test('shows entries to who holds its permissions, and to nobody else', async () => {
    await using app = await startApp([vaults(), auditDomain()], { directory: directory('Audit.Read') })
    const { running } = app
    await running.dispatch(command, { context: ann })
    const { items, cursor } = await running.query(ReadAudit({ outcome: 'succeeded' }), { context: ann })
    assert.deepEqual([items.length, cursor, items[0]?.action], [1, undefined, 'Vault.Fill'])
    assert.match(items[0]?.recordedAt ?? '', /^20\d\d-.*Z$/)
    await assert.rejects(running.query(ExportAudit({ format: 'csv' }), { context: ann }), denied)
    await assert.rejects(running.query(VerifyAudit({}), { context: ann }), denied)
    await assert.rejects(running.query(ReadAudit({ tenant: 'u' }), { context: ann }), denied)
    await assert.rejects(running.query(ReadAudit({}), { context: { ...ann, identity: 'eve@t' } }), denied)
    const entries = await told(app, 't')
    assert.deepEqual(entries.map((entry) => entry.split(' ').slice(0, 2).join(' ')).slice(0, 4), [
      'Vault.Fill succeeded',
      'Audit.Read succeeded',
      'Audit.Export denied',
      'Audit.Verify denied',
    ])
    const elsewhere = entries.filter((entry) => entry === 'Audit.Read denied it asks for the entries of the tenant "u"')
    assert.equal(elsewhere.length, 1)
  })

  test('exports page by page, and verifies', async () => {
    await using app = await startApp([vaults(), auditDomain()], {
      directory: directory('Audit.*'),
      audit: { signingKey },
    })
    const { running } = app
    for (let at = 0; at < 3; at++) await running.dispatch(command, { context: ann })
    const checkpoint = await running.audit.checkpoint(systemContext())
    const first = await running.query(ExportAudit({ format: 'jsonl', limit: 2 }), { context: ann })
    const second = await running.query(ExportAudit({ format: 'jsonl', cursor: first.cursor }), { context: ann })
    const lines = (first.text + second.text).trimEnd().split('\n')
    const entries = lines.map((line) => JSON.parse(line) as StoredAuditEntry)
    assert.deepEqual(
      entries.map(({ sequence, action }) => `${sequence} ${action}`),
      ['1 Vault.Fill', '2 Vault.Fill', '3 Vault.Fill', '4 Audit.Export'],
    )
    const asked = { checkpoints: [checkpoint], publicKey }
    const { breaks, entries: count } = await running.query(VerifyAudit(asked), { context: ann })
    assert.deepEqual([breaks, count], [[], 5])
  })

  test('takes times, and refuses what is none', async () => {
    await using app = await startApp([vaults(), auditDomain()])
    const context = systemContext()
    await app.running.dispatch(command)
    const [entry] = await entriesOf(app)
    const at = new Date((entry?.recordedAt ?? 0) / 1_000).toISOString()
    assert.equal((await app.running.query(ReadAudit({ from: at, limit: 1 }), { context })).items.length, 1)
    assert.equal((await app.running.query(ReadAudit({ to: at, order: 'oldest' }), { context })).items.length, 0)
    await assert.rejects(app.running.query(ReadAudit({ from: 'today' }), { context }), { code: 'invalid_input' })
  })

  test('need not be there for the permissions to be asked for', async () => {
    const names = (domains: Parameters<typeof catalogueOf>[0]): readonly string[] =>
      catalogueOf(domains).entries.flatMap(({ name, kind }) => (name.startsWith('Audit.') ? [`${name} ${kind}`] : []))
    assert.deepEqual(names([vaults()]).toSorted(), ['Audit.Export custom', 'Audit.Read custom', 'Audit.Verify custom'])
    const own = names([vaults(), auditDomain()]).toSorted()
    assert.deepEqual(own, ['Audit.Export query', 'Audit.Read query', 'Audit.Verify query'])
    await using app = await startApp(vaults(), { directory: directory('Audit.Read') })
    await app.running.dispatch(command, { context: ann })
    assert.equal((await app.running.audit.list(ann, {})).items.length, 1)
    await assert.rejects(app.running.audit.verify(ann), denied)
    assert.deepEqual((await told(app, 't')).at(-1)?.split(' ').slice(0, 2), ['Audit.Verify', 'denied'])
  })
})

describe('an app', () => {
  test('signs with the key that it was given, and is not started with another', async () => {
    for (const bad of ['', 'secret', publicKey, signingKey.slice(0, 60)])
      await assert.rejects(startApp(vaults(), { audit: { signingKey: bad } }), (error: Error) => {
        assert.match(error.message, /Expected audit\.signingKey to be an Ed25519 private key/)
        assert.ok(bad === '' || !error.message.includes(bad))
        return true
      })
    await assert.rejects(startApp(vaults(), { audit: { anonymousPerSecond: -1 } }), RangeError)
    await assert.rejects(startApp(vaults(), { audit: { key: signingKey } as never }), /has no option "key"/)
    await using app = await startApp(vaults())
    await assert.rejects(app.running.audit.checkpoint(systemContext()), {
      code: 'audit_key_missing',
      message: /without audit\.signingKey/,
    })
  })

  test('keeps no field of the name of a personal field in plain text, wherever it stands in a state', async () => {
    const Joined = event('Club.Joined', z.object({ id: z.string(), email: z.string() }), {
      personal: { fields: ['email'] },
    })
    const Club = aggregate('Club', () => ({ members: [] as object[] })).on(Joined, ({ members }, { id, email }) => ({
      members: [...members, { id, email }],
    }))
    const join = defineCommand('Club.Join', { input: z.object({ id: z.string(), email: z.string() }), audited: true })
    const club = domain('Club', {
      permissions: 'anonymous',
      handlers: [
        Club.decide(
          join,
          () => 'club',
          (_, input) => [Joined(input)],
        ),
      ],
    })
    await using app = await startApp(club, { encryption: { secrets: [{ id: 's', secret: 'x'.repeat(32) }] } })
    for (const id of ['a', 'b']) await app.running.dispatch(join({ id, email: 'hidden@example.org' }))
    const [, entry] = await entriesOf(app)
    const { before, after, redacted } = factsOf(entry?.data ?? '{}')
    const member = (id: string): object => ({ id, email: '[personal]' })
    assert.deepEqual([before, after], [{ members: [member('a')] }, { members: [member('a'), member('b')] }])
    assert.deepEqual(redacted, ['email'])
  })

  test('that seals whole payloads keeps no state in plain text beside them', async () => {
    const encryption = { secrets: [{ id: 's', secret: 'x'.repeat(32) }], payloads: 'all' } as const
    await using app = await startApp(vaults(), { encryption })
    await app.running.dispatch(command, { context: ann })
    const [entry] = await entriesOf(app, 't')
    const { before, after, redacted } = factsOf(entry?.data ?? '{}')
    assert.deepEqual([before, after, redacted, entry?.resource], [undefined, undefined, ['*'], 'Vault/a'])
  })
})
