// Audit entries of the version before move into the chains, and so do those that its processes store meanwhile and afterwards.
import assert from 'node:assert/strict'
import test from 'node:test'
import { migrationStatus, runMigrations } from '@gesta/core/ports'
import type { Commit, OutcomeKind } from '@gesta/core/ports'
import { Client } from 'pg'
import { bigintArray, textArray } from '../../src/binary-arrays.ts'
import { encodeGroup } from '../../src/group-cells.ts'
import { postgres, postgresMigrations } from '../../src/index.ts'
import { audited, soundChain } from '../chains.ts'
import { commitOf, isStored } from '../commits.ts'
import { newSchema, runtime, skip } from '../place.ts'

const contextOf = (identity: string): string => JSON.stringify({ identity, account: 'someone' })

/** A commit of this outcome and without events, of somebody whose name is longer than an actor may be. */
function ended(outcome: OutcomeKind): Commit {
  const fields = { tenant: 'ended', context: contextOf('x'.repeat(1_500)), streams: [] }
  const commit = commitOf(outcome, '', fields)
  return { ...commit, header: { ...commit.header, outcome } }
}

/** What a process of the version before calls: an entry is a part of the third kind, with an action and data. */
function oldArguments(commit: Commit, audit: readonly string[], withDetails = true): readonly unknown[] {
  const lists = encodeGroup([commit])
  const parts = [
    textArray(audit.flatMap((action) => [undefined, action, `{"by":"${action}"}`])),
    bigintArray(audit.flatMap((_, at) => [3, 1, at, undefined])),
  ]
  return [...lists.slice(0, 6), ...parts, ...(withDetails ? [lists[8]] : []), false, false, 'on', 60_000]
}

test(
  'entries of before are chained in commit order, and old processes go on adding to the chains',
  { skip },
  async () => {
    const options = await newSchema()
    const { schema } = options
    const { target, modules } = postgresMigrations(options)
    const before = modules.map((module) =>
      module.name === 'log' ? { ...module, migrations: module.migrations.slice(0, 6) } : module,
    )
    await runMigrations(target, before, runtime)
    const client = new Client({ connectionString: options.url })
    await client.connect()
    const old = async (name: string, given: readonly unknown[]): Promise<void> => {
      await client.query(`SELECT ${schema}.${name}(${given.map((_, at) => `$${at + 1}`).join(', ')})`, [...given])
    }
    try {
      await client.query(`INSERT INTO ${schema}.log VALUES (1, 'i', repeat('0', 64), 0)`)
      await old('append', oldArguments(commitOf('o1', 'a', { context: contextOf('alice') }), ['A.One', 'A.Two']))
      await old('append', oldArguments(commitOf('o2', 'a', { tenant: 'u', context: '{"account":"bob"}' }), ['B.One']))
      await old('append', oldArguments(commitOf('none', 'a'), []))
      await old('append', oldArguments(commitOf('o3', 'a', { recordedAt: 7 }), ['A.Three']))
      for (const outcome of ['rejected', 'denied', 'timed_out', 'duplicate'] as const)
        await old('append', oldArguments(ended(outcome), ['A.Ended']))
      // One that waits for the log while it is upgraded still runs the function as it was.
      await client.query(`BEGIN; LOCK TABLE ${schema}.head IN SHARE UPDATE EXCLUSIVE MODE`)
      const waiting = new Client({ connectionString: options.url })
      await waiting.connect()
      const late = oldArguments(commitOf('late', 'a'), ['A.Late'])
      const appending = waiting.query(`SELECT ${schema}.append(${late.map((_, at) => `$${at + 1}`).join(', ')})`, [
        ...late,
      ])
      const isWaiting = `SELECT FROM pg_locks WHERE relation = '${schema}.head'::regclass AND NOT granted`
      while ((await client.query(isWaiting)).rowCount === 0);
      const upgrading = runMigrations(target, modules, runtime)
      while ((await client.query(isWaiting)).rowCount !== 2);
      await client.query('COMMIT')
      await appending
      await waiting.end()
      await upgrading
      assert.deepEqual((await migrationStatus(target, modules)).pending, [])

      await using backend = await postgres({ ...options, allowRewriting: true }).open(runtime)
      const { events, audit } = backend
      assert.ok(isStored(await events.commit(audited('new', 2))))
      await old('append', oldArguments(commitOf('beside', 'a'), ['A.Beside']))
      await old('append', oldArguments(commitOf('before-details', 'a'), ['A.Older'], false))
      const record = oldArguments(commitOf('rewriting', '', { streams: [] }), ['StoreEvent.Update'])
      await old('rewrite', ['t', 'o1', 0, '{"mended":true}', ...record])
      const chain = await soundChain(audit, 't')
      assert.deepEqual(
        chain.map(({ commandId, index, action }) => [commandId, index, action]),
        [
          ['o1', 0, 'A.One'],
          ['o1', 1, 'A.Two'],
          ['o3', 0, 'A.Three'],
          ['late', 0, 'A.Late'],
          ['new', 0, 'Order.Cancel'],
          ['new', 1, 'Order.Cancel'],
          ['beside', 0, 'A.Beside'],
          ['before-details', 0, 'A.Older'],
          ['rewriting', 0, 'StoreEvent.Update'],
        ],
      )
      assert.deepEqual(
        chain
          .slice(0, 3)
          .map(({ actor, resource, outcome, data, recordedAt }) => [actor, resource, outcome, data, recordedAt]),
        [
          ['alice', '', 'succeeded', '{"by":"A.One"}', commitOf('', '').recordedAt],
          ['alice', '', 'succeeded', '{"by":"A.Two"}', commitOf('', '').recordedAt],
          ['', '', 'succeeded', '{"by":"A.Three"}', 7],
        ],
      )
      const [ofOther] = await soundChain(audit, 'u')
      assert.deepEqual([ofOther?.commandId, ofOther?.actor], ['o2', 'bob'])
      const ends = await soundChain(audit, 'ended')
      assert.deepEqual(
        ends.map(({ commandId, outcome }) => [commandId, outcome]),
        [
          ['rejected', 'rejected'],
          ['denied', 'denied'],
          ['timed_out', 'failed'],
          ['duplicate', 'succeeded'],
        ],
      )
      assert.ok(ends.every(({ actor }) => actor === 'x'.repeat(1_024)))
      assert.equal((await events.get({ tenant: 't', commandId: 'o1', index: 0 }))?.data, '{"mended":true}')
      // What a process of the version before reads of a command.
      const { rows } = await client.query(
        `SELECT idx, action, data FROM ${schema}.audit WHERE commit_no = 1 ORDER BY idx`,
      )
      assert.deepEqual(rows, [
        { idx: 0, action: 'A.One', data: '{"by":"A.One"}' },
        { idx: 1, action: 'A.Two', data: '{"by":"A.Two"}' },
      ])
    } finally {
      await client.end()
    }
  },
)
