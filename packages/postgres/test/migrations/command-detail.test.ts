// A schema of the version before: it is upgraded in place, and processes of that version go on beside those of this one.
import assert from 'node:assert/strict'
import test from 'node:test'
import { runMigrations } from '@gesta/core/ports'
import type { Commit, CommandDetail } from '@gesta/core/ports'
import { Client } from 'pg'
import { encodeGroup } from '../../src/group-cells.ts'
import { postgres, postgresMigrations } from '../../src/index.ts'
import { commitOf, isStored, tenant } from '../commits.ts'
import { newSchema, runtime, skip } from '../place.ts'

const detail: CommandDetail = {
  durationUs: 7,
  payload: '{"secret":"word"}',
  metadata: { address: '192.0.2.1' },
  error: undefined,
  permission: undefined,
  idempotencyKey: undefined,
  duplicateOf: undefined,
  retries: 0,
  messages: 0,
  jobs: 0,
  redacted: [],
  truncated: [],
}

test(
  'an old schema is upgraded, shows its headers without detail, and still takes what old processes store',
  { skip },
  async () => {
    const options = await newSchema()
    const { target, modules } = postgresMigrations(options)
    const before = modules.map((module) =>
      module.name === 'log' ? { ...module, migrations: module.migrations.slice(0, 3) } : module,
    )
    await runMigrations(target, before, runtime)
    const client = new Client({ connectionString: options.url })
    await client.connect()
    const old = async (name: string, commit: Commit, first: readonly unknown[] = []): Promise<void> => {
      const lists = encodeGroup([commit])
      const asBefore = [...first, ...lists.slice(0, 8), lists.at(-1), false, 'on', 60_000]
      const places = asBefore.map((_, at) => `$${at + 1}`).join(', ')
      await client.query(`SELECT ${options.schema}.${name}(${places})`, asBefore)
    }
    try {
      await client.query(`INSERT INTO ${options.schema}.log VALUES (1, 'i', repeat('0', 64), 0)`)
      await old('append', commitOf('old', 'a'))
      await using backend = await postgres({ ...options, allowRewriting: true }).open(runtime)
      const { events, commandLog } = backend
      assert.ok(isStored(await events.commit(commitOf('new', 'b', { detail }))))
      await old('append', commitOf('beside', 'a'))
      const record = commitOf('rewriting', 'a', { streams: [] })
      await old('rewrite', record, [tenant, 'old', 0, '{"mended":true}'])

      const { items } = await commandLog.list({ order: 'oldest' })
      assert.deepEqual(
        items.map(({ commandId, commitNo, durationUs, payload }) => [commandId, commitNo, durationUs, payload]),
        [
          ['old', 1, undefined, undefined],
          ['new', 2, 7, detail.payload],
          ['beside', 3, undefined, undefined],
          ['rewriting', 4, undefined, undefined],
        ],
      )
      assert.equal((await events.get({ tenant, commandId: 'old', index: 0 }))?.data, '{"mended":true}')
      // A record without a detail has nothing to take out.
      assert.equal(await commandLog.redact(tenant, 'old'), true)
      assert.deepEqual(await commandLog.get(tenant, 'old'), items[0])
      assert.equal(await commandLog.purge({ before: Number.MAX_SAFE_INTEGER }), 4)
      assert.deepEqual([(await commandLog.list({})).items, await commandLog.total()], [[], 0])
      assert.equal((await events.header(tenant, 'old'))?.commitNo, 1)
    } finally {
      await client.end()
    }
  },
)
