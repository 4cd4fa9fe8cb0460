import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { systemContext } from '@gesta/core'
import type { AuditVerification } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { audited, cancel } from './given/audited-app.ts'
import { answered, gesta, gestaHere, temporaryFolder } from './run-gesta.ts'
import type { Place } from './run-gesta.ts'

interface Audited extends AsyncDisposable {
  /** The folder of the store, where keys and checkpoints are too, and where the tests' configuration finds it. */
  readonly place: Place
  readonly configured: readonly string[]
  /** Cancels orders in a tenant, with the app. */
  cancel(tenant: string, ...orderIds: readonly string[]): Promise<void>
  /** Changes the file behind the app's back, triggers or not. */
  tamper(sql: string): void
  reads(): Promise<number>
}

const config = new URL('given/audited/gesta.config.ts', import.meta.url).pathname

async function auditedStore(): Promise<Audited> {
  const folder = await temporaryFolder()
  const path = join(folder.path, 'audited.db')
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  await writeFile(join(folder.path, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await writeFile(join(folder.path, 'key.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  return {
    place: { folder: folder.path, env: { GESTA_TEST_STORE: path } },
    configured: ['--config', config],
    cancel: async (tenant, ...orderIds) => {
      await using running = await audited.start({ store: sqlite(path) })
      for (const orderId of orderIds) await running.dispatch(cancel({ orderId }), { context: { tenant } })
    },
    tamper: (sql) => {
      using database = new DatabaseSync(path)
      for (const { name } of database.prepare("select name from sqlite_schema where type = 'trigger'").all())
        database.exec(`drop trigger "${String(name)}"`)
      database.exec(sql)
    },
    reads: async () => {
      await using running = await audited.start({ store: sqlite(path) })
      return (await running.audit.list(systemContext(), { action: 'Audit.Verify' })).items.length
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

const verify = ['audit', 'verify', '--config', config]
const keys = ['--public-key', 'key.pub.pem', '--checkpoint']

describe('gesta audit verify', () => {
  test('ends with 0 when every chain is whole, and changes nothing', async () => {
    await using store = await auditedStore()
    await store.cancel('acme', 'A-1', 'A-2')
    await store.cancel('', 'A-1')
    const { code, stdout, stderr } = await gesta(verify, store.place)
    assert.equal(code, 0, stderr)
    assert.equal(stdout, '3 entries of 2 tenants: every chain is whole.\n')
    assert.equal(
      (await gestaHere([...verify, '--tenant', 'acme'], store.place)).stdout,
      '2 entries of 1 tenant: every chain is whole.\n',
    )
    assert.equal(await store.reads(), 0)
  })

  test('ends with 3 and names the first break of each tenant', async () => {
    await using store = await auditedStore()
    await store.cancel('acme', 'A-1', 'A-2', 'A-3')
    await store.cancel('other', 'B-1', 'B-2', 'B-3')
    await store.cancel('whole', 'C-1')
    store.tamper("update audit_log set actor = 'nobody' where tenant = 'acme' and sequence >= 2")
    store.tamper("delete from audit_log where tenant = 'other' and sequence = 2")
    const { code, stdout } = await gesta(verify, store.place)
    assert.equal(code, 3)
    assert.match(stdout, /^\d entries of 3 tenants: 2 breaks, the first of each tenant\.$/m)
    assert.match(stdout, /^ {2}changed: Entry 2 of the tenant "acme" .*\(command \S+\)$/m)
    assert.match(stdout, /^ {2}missing: Entry 2 of the tenant "other" is missing/m)
    const { breaks } = await answered<AuditVerification>(verify, store.place)
    assert.deepEqual(
      breaks.map(({ tenant, sequence, problem }) => [tenant, sequence, problem]),
      [
        ['acme', 2, 'changed'],
        ['other', 2, 'missing'],
      ],
    )
  })

  test('finds what was cut off at the end by a checkpoint that was kept elsewhere', async () => {
    await using store = await auditedStore()
    await store.cancel('acme', 'A-1', 'A-2')
    const sign = ['audit', 'checkpoint', ...store.configured, '--key', 'key.pem', '--to', 'first.json']
    const signed = await gesta(sign, store.place)
    assert.equal(signed.code, 0, signed.stderr)
    assert.equal(signed.stdout, 'The checkpoint is in first.json.\n')
    assert.equal((await gestaHere([...verify, ...keys, 'first.json'], store.place)).code, 0)
    await store.cancel('acme', 'A-3')
    assert.equal((await gestaHere([...verify, ...keys, 'first.json'], store.place)).code, 0)
    store.tamper("delete from audit_log where tenant = 'acme' and sequence >= 2")
    assert.equal((await gestaHere(verify, store.place)).code, 0)
    const { code, stdout } = await gestaHere([...verify, ...keys, 'first.json'], store.place)
    assert.equal(code, 3)
    assert.match(stdout, /^ {2}truncated: .*"acme" ends with entry 1/m)
  })

  test('takes a checkpoint for nothing when somebody else signed it', async () => {
    await using store = await auditedStore()
    await store.cancel('acme', 'A-1')
    await gestaHere(['audit', 'checkpoint', ...store.configured, '--key', 'key.pem', '--to', 'first.json'], store.place)
    const { publicKey } = generateKeyPairSync('ed25519')
    await writeFile(join(store.place.folder ?? '', 'key.pub.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    const { code, stdout } = await gestaHere([...verify, ...keys, 'first.json'], store.place)
    assert.deepEqual([code, /^ {2}checkpoint_invalid: /m.test(stdout)], [3, true], stdout)
  })

  test('is told what is missing', async () => {
    await using store = await auditedStore()
    await store.cancel('acme', 'A-1')
    await writeFile(join(store.place.folder ?? '', 'no.json'), '{}')
    for (const [wrong, message] of [
      [['--checkpoint', 'first.json'], /--checkpoint and --public-key together/],
      [['--public-key', 'key.pub.pem'], /--checkpoint and --public-key together/],
      [[...keys, 'absent.json'], /--checkpoint to name a file that can be read, received "absent.json" \(ENOENT\)/],
      [[...keys, 'no.json'], /Expected no\.json to hold a checkpoint/],
    ] as const) {
      const { code, stderr } = await gestaHere([...verify, ...wrong], store.place)
      assert.equal(code, 2, stderr)
      assert.match(stderr, message)
    }
  })

  test('says so when an app has the store', async () => {
    await using store = await auditedStore()
    await store.cancel('acme', 'A-1')
    await using _running = await audited.start({ store: sqlite(join(store.place.folder ?? '', 'audited.db')) })
    const { code, stderr } = await gesta(verify, store.place)
    assert.equal(code, 1)
    assert.match(stderr, /^gesta: store_locked: /)
  })
})
