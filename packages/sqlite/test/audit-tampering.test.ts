// Whoever has the file can change it: the triggers are dropped first, and `verifyAuditLog` names the first break of the chain all the same.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { createApp, systemContext, verifyAuditLog } from '@gesta/core'
import type { AuditCheckpoint, AuditVerification } from '@gesta/core'
import { chainHash, chainStart } from '@gesta/core/ports'
import type { OpenBackend } from '@gesta/core/ports'
import { toLink } from '../src/audit-rows.ts'
import { sqlite } from '../src/index.ts'
import { auditEntry, commitOf, newStore, oneTo } from './commits.ts'
import { runtime } from './place.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519', {
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})

async function fill({ events }: OpenBackend, tenant: string, from: number, to: number): Promise<void> {
  for (const i of oneTo(to).slice(from - 1)) {
    const audit = [auditEntry('Order.Cancel', { data: `{"n":${i}}` })]
    await events.commit(commitOf(`${tenant}-${i}`, 'a', { tenant, recordedAt: 1_000 + i, audit }))
  }
}
/** What an operator exports. */
async function checkpointOf(path: string): Promise<AuditCheckpoint> {
  await using app = await createApp('audited', { domains: [] }).start({
    store: sqlite(path),
    audit: { signingKey: privateKey },
  })
  return await app.audit.checkpoint(systemContext())
}
/** Without its triggers nothing in the file refuses anything. */
function tamper(path: string, ...statements: readonly string[]): void {
  using db = new DatabaseSync(path)
  for (const name of ['updated', 'deleted', 'replaced']) db.exec(`DROP TRIGGER IF EXISTS audit_log_never_${name}`)
  for (const sql of statements) db.exec(sql)
}
/** Makes every hash of a tenant anew, as somebody does who knows how. */
function chainAnew(path: string, tenant: string): void {
  using db = new DatabaseSync(path)
  const rows = db.prepare('SELECT entry_no, * FROM audit_log WHERE tenant = ? ORDER BY sequence')
  rows.setReturnArrays(true)
  let before = chainStart
  for (const [entryNo = 0, , ...cells] of rows.all(tenant) as unknown as (string | number)[][]) {
    before = chainHash(toLink(cells), before)
    db.prepare('UPDATE audit_log SET hash = ? WHERE entry_no = ?').run(before, entryNo)
  }
}
const where = (sequence: number, tenant = 't'): string => `WHERE tenant = '${tenant}' AND sequence = ${sequence}`
const columns = 'command_id, idx, recorded_at, action, actor, resource, outcome, data, hash'
const copy = (from: number, to: number, id = 'forged'): string =>
  `INSERT INTO audit_log (tenant, sequence, ${columns}) SELECT tenant, ${to}, ${columns.replace('command_id', `'${id}'`)} FROM audit_log ${where(from)}`
const breaksOf = ({ breaks }: AuditVerification): readonly (readonly unknown[])[] =>
  breaks.map(({ tenant, sequence, problem }) => [tenant, sequence, problem])

/** What is done to the chain of t, and where it breaks. */
const deeds: readonly (readonly [string, readonly string[], number, 'changed' | 'missing'])[] = [
  ['the data of an entry is edited', [`UPDATE audit_log SET data = '{}' ${where(4)}`], 4, 'changed'],
  ['a space is put into the data', [`UPDATE audit_log SET data = '{"n": 4}' ${where(4)}`], 4, 'changed'],
  ['another one acted', [`UPDATE audit_log SET actor = 'bob' ${where(1)}`], 1, 'changed'],
  ['it came of it something else', [`UPDATE audit_log SET outcome = 'failed' ${where(10)}`], 10, 'changed'],
  ['it was at another time', [`UPDATE audit_log SET recorded_at = recorded_at + 1 ${where(7)}`], 7, 'changed'],
  ['it was at a time that no number has', [`UPDATE audit_log SET recorded_at = 1 << 62 ${where(7)}`], 7, 'changed'],
  [
    'a text moves into the next field',
    [`UPDATE audit_log SET actor = '', resource = actor || resource ${where(2)}`],
    2,
    'changed',
  ],
  ['it belongs to another command', [`UPDATE audit_log SET command_id = 'x' ${where(3)}`], 3, 'changed'],
  ['its place in the commit is another one', [`UPDATE audit_log SET idx = 1 ${where(3)}`], 3, 'changed'],
  ['a hash is edited', [`UPDATE audit_log SET hash = '${chainStart}' ${where(5)}`], 5, 'changed'],
  ['the first entry is deleted', [`DELETE FROM audit_log ${where(1)}`], 1, 'missing'],
  ['an entry is deleted', [`DELETE FROM audit_log ${where(6)}`], 6, 'missing'],
  ['several are deleted', ["DELETE FROM audit_log WHERE tenant = 't' AND sequence BETWEEN 3 AND 5"], 3, 'missing'],
  [
    'an entry is deleted, and the later ones move up',
    [
      `DELETE FROM audit_log ${where(6)}`,
      "UPDATE audit_log SET sequence = sequence - 1 WHERE tenant = 't' AND sequence > 6",
    ],
    6,
    'changed',
  ],
  [
    'two entries change places',
    [
      `UPDATE audit_log SET sequence = 99 ${where(4)}`,
      `UPDATE audit_log SET sequence = 4 ${where(5)}`,
      `UPDATE audit_log SET sequence = 5 ${where(99)}`,
    ],
    4,
    'changed',
  ],
  ['an entry moves before the first one', [`UPDATE audit_log SET sequence = 0 ${where(4)}`], 4, 'missing'],
  ['an entry moves behind the last one', [`UPDATE audit_log SET sequence = 11 ${where(4)}`], 4, 'missing'],
  [
    'an entry moves to where no number reaches',
    [`UPDATE audit_log SET sequence = 1 << 62 ${where(10)}`],
    10,
    'missing',
  ],
  ['an entry is added at the end', [copy(10, 11)], 11, 'changed'],
  ['an entry is added beside another one', ['DROP INDEX audit_log_chain', copy(3, 3)], 4, 'changed'],
  [
    'an entry comes from another tenant',
    [`DELETE FROM audit_log ${where(2)}`, `UPDATE audit_log SET tenant = 't' ${where(2, 'u')}`],
    2,
    'changed',
  ],
]

describe('with the triggers dropped, the first break is named when', () => {
  for (const [name, statements, sequence, problem] of deeds)
    test(name, async () => {
      await using store = await newStore()
      {
        await using backend = await store.open()
        await fill(backend, 't', 1, 10)
        await fill(backend, 'u', 1, 3)
        assert.deepEqual(breaksOf(await verifyAuditLog(backend.audit)), [])
      }
      tamper(store.path, ...statements)
      await using backend = await store.open()
      // Pages of every size, so that nothing hides between two.
      for (const pageSize of [1, 2, 3, 1_000]) {
        const verified = await verifyAuditLog(backend.audit, { pageSize })
        assert.deepEqual(breaksOf(verified)[0], ['t', sequence, problem], `pages of ${pageSize}`)
      }
    })
})

describe('against a checkpoint it is found that', () => {
  const against = async (path: string, deed: () => void): Promise<readonly unknown[]> => {
    {
      await using backend = await sqlite(path).open(runtime)
      await fill(backend, 't', 1, 10)
      await fill(backend, 'u', 1, 3)
    }
    const checkpoint = await checkpointOf(path)
    deed()
    await using backend = await sqlite(path).open(runtime)
    assert.deepEqual(breaksOf(await verifyAuditLog(backend.audit)), [], 'The chain itself is sound.')
    return breaksOf(await verifyAuditLog(backend.audit, { checkpoints: [checkpoint], publicKey }))
  }

  test('nothing was done', async () => {
    await using store = await newStore()
    assert.deepEqual(await against(store.path, () => undefined), [])
  })
  test('the last entries are gone', async () => {
    await using store = await newStore()
    const cut = "DELETE FROM audit_log WHERE tenant = 't' AND sequence > 7"
    assert.deepEqual(await against(store.path, () => tamper(store.path, cut)), [['t', 8, 'truncated']])
  })
  test('a whole chain is gone', async () => {
    await using store = await newStore()
    const cut = "DELETE FROM audit_log WHERE tenant = 'u'"
    assert.deepEqual(await against(store.path, () => tamper(store.path, cut)), [['u', 1, 'truncated']])
  })
  test('a chain was made anew from an edited entry on', async () => {
    await using store = await newStore()
    const found = await against(store.path, () => {
      tamper(store.path, `UPDATE audit_log SET actor = 'bob' ${where(3)}`)
      chainAnew(store.path, 't')
    })
    assert.deepEqual(found, [['t', 10, 'rewritten']])
  })
})

test('who cuts the chain of a running app off leaves a gap, also without a checkpoint', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await fill(backend, 't', 1, 10)
  tamper(store.path, "DELETE FROM audit_log WHERE tenant = 't' AND sequence > 7")
  await fill(backend, 't', 11, 12)
  assert.deepEqual(breaksOf(await verifyAuditLog(backend.audit)), [['t', 8, 'missing']])
})

test('what somebody puts before the first entry is in no list, and no head of a chain', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await fill(backend, 't', 1, 2)
  const ofOthers = ['s', 'v'].map((name) => copy(1, 0).replace('SELECT tenant', `SELECT '${name}'`))
  tamper(store.path, copy(1, 0, 'x'), copy(1, -5, 'y'), ...ofOthers)
  const { items, total } = await backend.audit.list({}, { withTotal: true })
  assert.deepEqual([items.map(({ sequence }) => sequence), total], [[2, 1], 2])
  for (const limit of [1, 100])
    assert.deepEqual(
      (await backend.audit.heads({ limit })).map(({ tenant, sequence }) => [tenant, sequence]),
      [['t', 2]],
    )
})

test('a number that no entry can have keeps nobody from reading the list', async () => {
  await using store = await newStore()
  await using backend = await store.open()
  await fill(backend, 't', 1, 3)
  tamper(store.path, `UPDATE audit_log SET recorded_at = 1 << 62 ${where(2)}`)
  const { items } = await backend.audit.list({ tenant: 't' })
  assert.deepEqual(
    items.map(({ sequence }) => sequence),
    [3, 2, 1],
  )
})
