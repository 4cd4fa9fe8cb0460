// Somebody who owns the database switches the triggers off and changes the audit log: verification names the first break.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import test from 'node:test'
import { auditDomain, createApp, systemContext, verifyAuditLog } from '@gesta/core'
import type { AuditBreak, AuditCheckpoint, AuditLog } from '@gesta/core'
import { chainHash, chainStart } from '@gesta/core/ports'
import { Client } from 'pg'
import { postgres } from '../src/index.ts'
import { audited } from './chains.ts'
import { isStored, oneTo } from './commits.ts'
import { newSchema, runtime, skip } from './place.ts'

const keys = generateKeyPairSync('ed25519')
const signingKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' })
const publicKey = keys.publicKey.export({ type: 'spki', format: 'pem' })

interface Place {
  readonly log: AuditLog
  /** Runs a statement on the table, for which $ stands, with the triggers switched off. */
  tamper(sql: string): Promise<void>
  checkpoint(): Promise<AuditCheckpoint>
}
/** Chains of ten entries for the tenants t and u. */
async function onChains(run: (place: Place) => Promise<void>): Promise<void> {
  const options = await newSchema()
  const client = new Client({ connectionString: options.url })
  await client.connect()
  try {
    await using backend = await postgres(options).open(runtime)
    for (const i of oneTo(5))
      for (const tenant of ['t', 'u']) assert.ok(isStored(await backend.events.commit(audited(`c${i}`, 2, { tenant }))))
    const table = `${options.schema}.audit_log`
    const log = backend.audit
    assert.deepEqual(await verifyAuditLog(log), { tenants: 2, entries: 20, breaks: [] })
    await run({
      log,
      tamper: async (sql) => {
        await client.query(`ALTER TABLE ${table} DISABLE TRIGGER refuse_change`)
        await client.query(sql.replaceAll('$', table))
        await client.query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER refuse_change`)
      },
      checkpoint: async () => {
        const app = createApp('auditor', { domains: [auditDomain()] })
        await using running = await app.start({ store: postgres(options), audit: { signingKey } })
        return await running.audit.checkpoint(systemContext())
      },
    })
  } finally {
    await client.end()
  }
}
const found = ({ tenant, sequence, problem }: AuditBreak): readonly unknown[] => [tenant, sequence, problem]
const byTenant = ([a]: readonly unknown[], [b]: readonly unknown[]): number => String(a).localeCompare(String(b))
async function checkBreaks(log: AuditLog, expected: readonly (readonly unknown[])[]): Promise<void> {
  const { breaks } = await verifyAuditLog(log)
  assert.deepEqual(breaks.map(found), expected)
}

const edits: readonly (readonly [string, string])[] = [
  ['an actor', `actor = 'mallory'`],
  ['an outcome', `outcome = 'denied'`],
  ['white space in its data', `data = data || ' '`],
  ['a time', 'recorded_at = recorded_at - 1'],
  ['a command id', `command_id = 'other'`],
  ['an index', 'idx = 7'],
  ['where one text ends and the next begins', `action = action || left(resource, 1), resource = substr(resource, 2)`],
  ['its hash', `hash = repeat('0', 64)`],
]
for (const [what, change] of edits)
  test(`an entry is edited: ${what}`, { skip }, () =>
    onChains(async ({ log, tamper }) => {
      await tamper(`UPDATE $ SET ${change} WHERE tenant = 't' AND sequence = 4`)
      await checkBreaks(log, [['t', 4, 'changed']])
    }),
  )

test('an entry is edited and its own hash made anew: the next one does not follow from it', { skip }, () =>
  onChains(async ({ log, tamper }) => {
    await tamper(`UPDATE $ SET data = '{}' WHERE tenant = 't' AND sequence IN (4, 10)`)
    const [before, forged] = await log.read({ tenant: 't', after: 2, limit: 2 })
    assert.ok(before !== undefined && forged !== undefined)
    await tamper(`UPDATE $ SET hash = '${chainHash(forged, before.hash)}' WHERE tenant = 't' AND sequence = 4`)
    await checkBreaks(log, [['t', 5, 'changed']])
  }),
)

test('entries are deleted, in one chain in the middle and in another at the beginning', { skip }, () =>
  onChains(async ({ log, tamper }) => {
    await tamper(`DELETE FROM $ WHERE tenant = 't' AND sequence BETWEEN 6 AND 7`)
    await tamper(`DELETE FROM $ WHERE tenant = 'u' AND sequence = 1`)
    await checkBreaks(log, [
      ['t', 6, 'missing'],
      ['u', 1, 'missing'],
    ])
  }),
)

test('entries are deleted and the others numbered anew', { skip }, () =>
  onChains(async ({ log, tamper }) => {
    await tamper(`DELETE FROM $ WHERE tenant = 't' AND sequence = 6`)
    for (const sequence of [7, 8, 9, 10])
      await tamper(`UPDATE $ SET sequence = ${sequence - 1} WHERE tenant = 't' AND sequence = ${sequence}`)
    await checkBreaks(log, [['t', 6, 'changed']])
  }),
)

test('two entries change places, in one chain and between two', { skip }, () =>
  onChains(async ({ log, tamper }) => {
    await tamper(`UPDATE $ SET sequence = 13 - sequence + 100 WHERE tenant = 't' AND sequence IN (6, 7)`)
    await tamper(`UPDATE $ SET sequence = sequence - 100 WHERE tenant = 't' AND sequence > 100`)
    await checkBreaks(log, [['t', 6, 'changed']])
    await tamper(`UPDATE $ SET tenant = 'v' WHERE tenant = 'u' AND sequence = 10`)
    await checkBreaks(log, [
      ['t', 6, 'changed'],
      ['v', 1, 'missing'],
    ])
  }),
)

test(
  'what is cut off at the end is found against an exported checkpoint, and so is a chain that is gone',
  { skip },
  () =>
    onChains(async ({ log, tamper, checkpoint }) => {
      const exported = JSON.parse(JSON.stringify(await checkpoint())) as AuditCheckpoint
      const against = { checkpoints: [exported], publicKey }
      assert.deepEqual((await verifyAuditLog(log, against)).breaks, [])
      await tamper(`DELETE FROM $ WHERE tenant = 't' AND sequence > 8`)
      await checkBreaks(log, [])
      assert.deepEqual((await verifyAuditLog(log, against)).breaks.map(found), [['t', 9, 'truncated']])
      await tamper(`DELETE FROM $ WHERE tenant = 'u'`)
      const { breaks } = await verifyAuditLog(log, against)
      assert.deepEqual(breaks.map(found).toSorted(byTenant), [
        ['t', 9, 'truncated'],
        ['u', 1, 'truncated'],
      ])
    }),
)

test('a chain that is made anew from its beginning is not the one of the checkpoint', { skip }, () =>
  onChains(async ({ log, tamper, checkpoint }) => {
    const against = { checkpoints: [await checkpoint()], publicKey }
    const chain = await log.read({ tenant: 't', after: 0 })
    let before = chainStart
    for (const entry of chain) {
      before = chainHash({ ...entry, actor: 'mallory' }, before)
      await tamper(
        `UPDATE $ SET actor = 'mallory', hash = '${before}' WHERE tenant = 't' AND sequence = ${entry.sequence}`,
      )
    }
    await checkBreaks(log, [])
    assert.deepEqual((await verifyAuditLog(log, against)).breaks.map(found), [['t', 10, 'rewritten']])
  }),
)

const columns = 'recorded_at, idx, command_id, action, actor, resource, outcome, data, hash'
const copy = (from: number, to: number, tenant = 't'): string =>
  `INSERT INTO $ (tenant, sequence, ${columns}) SELECT '${tenant}', ${to}, ${columns} FROM $ WHERE tenant = 't' AND sequence = ${from}`

test('an entry is added beside another one: it hides between no two pages', { skip }, () =>
  onChains(async ({ log, tamper }) => {
    await tamper('ALTER TABLE $ DROP CONSTRAINT audit_log_pkey')
    await tamper(copy(3, 3))
    for (const pageSize of [1, 2, 3, 1_000]) {
      const { breaks } = await verifyAuditLog(log, { pageSize })
      assert.deepEqual(breaks.map(found), [['t', 4, 'changed']], `pages of ${pageSize}`)
    }
  }),
)

test('what somebody puts before the first entry is in no list, and no head of a chain', { skip }, () =>
  onChains(async ({ log, tamper, checkpoint }) => {
    for (const sequence of [0, -5]) await tamper(copy(1, sequence))
    for (const tenant of ['s', 'v']) await tamper(copy(1, 0, tenant))
    const { items, total } = await log.list({ tenant: 't', order: 'oldest' }, { withTotal: true })
    assert.deepEqual([items.map(({ sequence }) => sequence), total], [oneTo(10), 10])
    assert.deepEqual([await log.total(), (await log.list({}, { withTotal: true })).total], [20, 20])
    for (const limit of [1, 100])
      assert.deepEqual(
        (await log.heads({ limit })).map(({ tenant }) => tenant),
        ['t', 'u'].slice(0, limit),
      )
    assert.deepEqual((await verifyAuditLog(log, { checkpoints: [await checkpoint()], publicKey })).breaks, [])
  }),
)
