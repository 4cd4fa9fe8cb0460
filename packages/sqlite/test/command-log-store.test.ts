// A command log in a file of its own: the conformance suite, and what the one in memory does, whatever is asked of it.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import * as fc from 'fast-check'
import { memoryCommandLog } from '@gesta/core'
import { cborRecords } from '@gesta/core/cbor'
import { runSuite } from '@gesta/core/conformance/command-log'
import type { CommandFilter, CommandLogStore, CommandRecord, CommandStatus } from '@gesta/core/ports'
import { isGestaError, jsonRecords } from '@gesta/core/ports'
import { sqlite, sqliteCommandLog } from '../src/index.ts'
import { runChild } from './children/run.ts'
import { oneTo } from './commits.ts'
import { newFolder, runtime } from './place.ts'
import { recordOf } from './records.ts'

const newPlace = async () => {
  const folder = await newFolder()
  return {
    open: () => sqliteCommandLog(join(folder.path, 'log.db')).open(runtime),
    remove: async () => folder[Symbol.asyncDispose](),
  }
}
runSuite(test, newPlace, { durable: true, shared: 'one process has a SQLite log open' })

const statuses = fc.constantFrom<CommandStatus>('started', 'accepted', 'rejected', 'duplicate')
const number = fc.integer({ min: 1, max: 9 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const tenant = fc.constantFrom('', 'left', 'right')
const id = fc.constantFrom('c1', 'c2', 'c3', 'c4', 'c5')
const drawnRecord: fc.Arbitrary<CommandRecord> = fc
  .record({ tenant, id, status: statuses, type: number, at: number, correlation: maybe(id), sender: maybe(id) })
  .map(({ id: commandId, type, at, correlation: correlationId, sender: identity, ...given }) =>
    recordOf(commandId, {
      ...given,
      commandType: `Order.${type % 2}`,
      recordedAt: at,
      context: JSON.stringify({ correlationId, identity }),
      payload: `{"at":${at}}`,
      error: given.status === 'rejected' ? { code: 'no', message: `because of ${at}` } : undefined,
    }),
  )
const filter: fc.Arbitrary<CommandFilter> = fc.record(
  {
    tenant,
    statuses: fc.subarray<CommandStatus>(['started', 'accepted', 'rejected']),
    commandType: fc.constantFrom('Order.0', 'Order.1'),
    correlationId: id,
    sender: id,
    from: number,
    to: number,
    order: fc.constantFrom('newest' as const, 'oldest' as const),
  },
  { requiredKeys: [] },
)
type Step = (log: CommandLogStore) => Promise<unknown>
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.array(drawnRecord, { minLength: 1, maxLength: 6 }).map((records) => (log: CommandLogStore) => log.record(records)),
  fc.tuple(tenant, id).map(
    ([of, command]) =>
      (log: CommandLogStore) =>
        log.redact(of, command),
  ),
  fc
    .record({ before: number, tenant: maybe(tenant), statuses: maybe(fc.subarray<CommandStatus>(['accepted'])) })
    .map((request) => (log: CommandLogStore) => log.purge(request)),
  fc.tuple(tenant, id).map(
    ([of, command]) =>
      (log: CommandLogStore) =>
        log.get(of, command),
  ),
  filter.map((asked) => async (log: CommandLogStore) => {
    const first = await log.list(asked, { limit: 2, withTotal: true })
    const second = first.cursor === undefined ? undefined : await log.list(asked, { limit: 2, cursor: first.cursor })
    return [first.items, first.total, second?.items, await log.total(asked), await log.list(asked, { offset: 1 })]
  }),
)

test('whatever is recorded, redacted, purged and asked, the answers are those of the log in memory', async () => {
  await using folder = await newFolder()
  await using log = await sqliteCommandLog(join(folder.path, 'log.db'), { codec: cborRecords }).open(runtime)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await log.purge({ before: 100, statuses: ['started', 'accepted', 'rejected', 'duplicate'] })
      await using model = await memoryCommandLog().open(runtime)
      for (const run of steps) assert.deepEqual(await run(log), await run(model))
    }),
    { numRuns: 60 },
  )
})

test('a log holds records of several codecs, and says which one it lacks', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'log.db')
  const open = (codec = jsonRecords) => sqliteCommandLog(path, { codec }).open(runtime)
  const [first, second] = [recordOf('c1', { payload: '1' }), recordOf('c2', { payload: '{"a":"\\u0000"}' })]
  {
    await using log = await open()
    await log.record([first])
  }
  {
    await using log = await open(cborRecords)
    await log.record([second])
    assert.deepEqual((await log.list({})).items, [second, first])
  }
  await using log = await open()
  assert.deepEqual(await log.get('t', 'c1'), first)
  await assert.rejects(log.list({}), (error) => isGestaError(error, 'store_foreign') && /cbor/.test(error.message))
})

test('what was recorded, redacted and purged is so after the log was opened again, by one process at a time', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'deep', 'log.db')
  const open = () => sqliteCommandLog(path).open(runtime)
  {
    await using log = await open()
    await log.record([recordOf('c1', { recordedAt: 1 }), recordOf('c2'), recordOf('c3', { status: 'started' })])
    assert.equal(await log.redact('t', 'c2'), true)
    assert.equal(await log.purge({ before: 2 }), 1)
    await log.record([recordOf('c4'), recordOf('c3', { status: 'failed' })])
    await assert.rejects(open(), (error) => isGestaError(error, 'store_locked'))
  }
  await using log = await open()
  const { items } = await log.list({ order: 'oldest' })
  assert.deepEqual(
    items.map(({ commandId, status, payload, redacted }) => [commandId, status, payload, redacted]),
    [
      ['c2', 'accepted', undefined, ['*']],
      ['c3', 'failed', '{}', []],
      ['c4', 'accepted', '{}', []],
    ],
  )
  assert.equal(await log.get('t', 'c1'), undefined)
})

test('what was acknowledged is found after the process was killed, and each call whole or not at all', async () => {
  await using folder = await newFolder()
  const path = join(folder.path, 'log.db')
  const acknowledged: number[] = []
  for (const [run, lines] of [1, 60].entries()) {
    await using child = runChild('record.ts', path, `run${run}`)
    let seen = 0
    for await (const line of child.lines) {
      acknowledged[run] = Number(line)
      if ((seen += 1) === lines) child.process.kill('SIGKILL')
    }
  }
  await using log = await sqliteCommandLog(path).open(runtime)
  const { items } = await log.list({ order: 'oldest' }, { limit: 10_000 })
  for (const [run, last] of acknowledged.entries()) {
    const ids = items.map(({ commandId }) => commandId).filter((each) => each.startsWith(`run${run}-`))
    assert.ok(ids.length >= last && ids.length % 10 === 0, `${ids.length} of ${last}`)
    assert.deepEqual(
      ids,
      oneTo(ids.length).map((each) => `run${run}-${each}`),
    )
  }
})

test('what was redacted or purged is in no file any more', async () => {
  await using folder = await newFolder()
  await using log = await sqliteCommandLog(join(folder.path, 'log.db')).open(runtime)
  const secret = 'word-that-nobody-else-writes'
  const words = { payload: `"${secret}"`, metadata: { word: secret }, error: { code: 'a', message: secret } }
  const holds = async (): Promise<boolean> => {
    const files = await readdir(folder.path)
    const contents = await Promise.all(files.map((file) => readFile(join(folder.path, file))))
    return contents.some((content) => content.includes(secret))
  }
  for (const forget of [() => log.redact('t', 'c0'), () => log.purge({ before: Number.MAX_SAFE_INTEGER })]) {
    await log.record(oneTo(30).map((each) => recordOf(`plain-${each}`)))
    await log.record([recordOf('c0', words)])
    assert.equal(await holds(), true)
    await forget()
    assert.equal(await holds(), false)
    await log.purge({ before: Number.MAX_SAFE_INTEGER })
  }
})

test('the file of a store is no log of its own, and the other way round; after closing nothing is answered', async () => {
  await using folder = await newFolder()
  const [store, path] = [join(folder.path, 'store.db'), join(folder.path, 'log.db')]
  await (await sqlite(store).open(runtime))[Symbol.asyncDispose]()
  await assert.rejects(sqliteCommandLog(store).open(runtime), (error) => isGestaError(error, 'store_foreign'))
  const log = await sqliteCommandLog(path).open(runtime)
  await log[Symbol.asyncDispose]()
  await assert.rejects(sqlite(path).open(runtime), (error) => isGestaError(error, 'store_foreign'))
  await assert.rejects(log.record([recordOf('c')]), (error) => isGestaError(error, 'store_closed'))
  await assert.rejects(log.list({}), (error) => isGestaError(error, 'store_closed'))
  assert.throws(() => sqliteCommandLog(':memory:'), /memoryCommandLog/)
})
