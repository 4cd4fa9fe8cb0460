// What is particular to a command log on NATS: pieces, marks of codecs, lists over many blocks, what is left on the server's disk.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { cborRecords } from '@gesta/core/cbor'
import { commandMatcher } from '@gesta/core/ports'
import type { CommandFilter, CommandLogStore, CommandRecord } from '@gesta/core/ports'
import { natsForTests, ownNatsForTests } from '@gesta/services'
import { commandLogSettings, logNames } from '../src/command-log-options.ts'
import type { LogStreams } from '../src/command-log-streams.ts'
import { natsCommandLog } from '../src/index.ts'
import { command, commandsFrom, everyRecord, openLog, rawMessages, startUs } from './command-log-given.ts'
import { is } from './given.ts'
import { runtime } from './runtime.ts'

const nats = await natsForTests()
const own = await ownNatsForTests()
const hourUs = 3_600_000_000

test('the options of a command log are checked before anything is opened, and two logs share no name', () => {
  const servers = 'nats://127.0.0.1:4222'
  for (const options of [
    { log: 'a_b' },
    { log: '' },
    { replicas: 6 },
    { storage: 'disk' },
    { logs: 'a' },
    { format: 'envelope' },
  ])
    assert.throws(() => natsCommandLog({ servers, ...options } as Parameters<typeof natsCommandLog>[0]), Error)
  assert.equal(natsCommandLog({ servers }).backend, 'nats')
  const logs = [{ log: 'b' }, { prefix: 'a', log: 'b' }, { prefix: 'a_b', log: 'c' }, { prefix: 'a', log: 'b-c' }]
  const names = logs.flatMap((options) => Object.values(logNames(commandLogSettings({ servers, ...options }))))
  for (const part of ['stream', 'subject'] as const)
    assert.equal(new Set(names.map((name) => name[part])).size, logs.length * 4)
})

describe('a command log on a server of its own', { skip: own.skip }, () => {
  test('cuts records into pieces that a server with a small max_payload takes, and refuses one that is too small', async () => {
    const settings = { max_payload: 65_536 }
    await using server = await own.start({ settings })
    await using log = await natsCommandLog({ servers: server.url }).open(runtime)
    const sizes = [0, 60_000, 64_512, 65_536, 65_537, 300_000, 1_048_574]
    const given = sizes.map((size, number) => command(number, { payload: JSON.stringify('x'.repeat(size)) }))
    await log.record(given)
    assert.deepEqual(await everyRecord(log), given)
    const { bodies } = await rawMessages({ servers: server.url })
    assert.ok(bodies.length > 25, `Expected many pieces, received ${bodies.length}.`)
    await using small = await own.start({ settings: { max_payload: 16_384 } })
    await assert.rejects(natsCommandLog({ servers: small.url }).open(runtime), is('store_unavailable'))
  })

  test('leaves nothing of a redacted or purged payload on the disk', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gesta-command-log-'))
    try {
      await using server = await own.start({ settings: { jetstream: { store_dir: folder } } })
      const options = { servers: server.url }
      await using log = await natsCommandLog(options).open(runtime)
      const died = new Error('The writer is dead.')
      const withoutHeads = (streams: LogStreams): LogStreams => ({
        ...streams,
        publish: async (...message) => {
          if (message[0].includes('.record.')) throw died
          return streams.publish(...message)
        },
      })
      await using dying = await openLog(options, { between: withoutHeads })
      await assert.rejects(dying.record([1, 2].map((id) => command(id, { payload: '"the-secret"' }))), died)
      const payload = JSON.stringify('the-secret'.repeat(200_000))
      await log.record([
        command(1, { payload: '"the-secret"' }),
        command(2, { payload: payload.slice(0, 1_048_576) }),
        command(3),
      ])
      assert.ok((await textOf(folder)).includes('the-secret'))
      assert.equal(await log.redact('shop', 'command-1'), true)
      assert.equal(await log.purge({ before: startUs + 3 }), 2)
      assert.ok(!(await textOf(folder)).includes('the-secret'))
      assert.deepEqual(await everyRecord(log), [command(3)])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

async function textOf(folder: string): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile())
  const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'latin1')))
  return texts.join('\n')
}

describe('a command log', { skip: nats.skip }, () => {
  const place = () => {
    const streams = nats.newStreams()
    return {
      servers: streams.url,
      prefix: streams.prefix,
      [Symbol.asyncDispose]: async () => streams[Symbol.asyncDispose](),
    }
  }
  const optionsOf = ({ servers, prefix }: { readonly servers: string; readonly prefix: string }) => ({
    servers,
    prefix,
  })

  test('keeps a mark of the codec with each record: JSON is always read, another one only by who has it', async () => {
    await using there = place()
    await using plain = await natsCommandLog(optionsOf(there)).open(runtime)
    await using other = await natsCommandLog({ ...optionsOf(there), codec: cborRecords }).open(runtime)
    await plain.record([command(1)])
    await other.record([command(2)])
    assert.deepEqual(await everyRecord(other), commandsFrom(1, 2))
    await assert.rejects(plain.get('shop', 'command-2'), is('store_foreign'))
    await assert.rejects(everyRecord(plain), is('store_foreign'))
    assert.equal(await plain.total(), 2)
  })

  test('and another one of the same prefix hold nothing of each other', async () => {
    await using there = place()
    await using left = await natsCommandLog({ ...optionsOf(there), log: 'left' }).open(runtime)
    await using right = await natsCommandLog({ ...optionsOf(there), log: 'right' }).open(runtime)
    await left.record(commandsFrom(1, 3))
    assert.deepEqual([await left.total(), await right.total(), (await right.info()).items], [3, 0, 0])
    const { cursor } = await left.list({}, { limit: 1 })
    await assert.rejects(right.list({}, { cursor }), is('invalid_cursor'))
  })

  test('of which two write the same commands at once has one record and one body of each', async () => {
    await using there = place()
    await using first = await natsCommandLog(optionsOf(there)).open(runtime)
    await using second = await natsCommandLog(optionsOf(there)).open(runtime)
    await Promise.all([
      first.record(commandsFrom(1, 60).map((each) => ({ ...each, payload: '"first"' }))),
      second.record(commandsFrom(1, 60).map((each) => ({ ...each, payload: '"second"' }))),
    ])
    const records = await everyRecord(first)
    assert.deepEqual(records, await everyRecord(second))
    assert.deepEqual(new Set(records.map(({ commandId }) => commandId)).size, 60)
    const raw = await rawMessages(optionsOf(there))
    assert.deepEqual([raw.heads.length, raw.bodies.length, raw.places.length], [61, 60, 60])
  })

  test('keeps what is redacted of its first record when that comes in the middle of the redaction', async () => {
    await using there = place()
    await using log = await natsCommandLog(optionsOf(there)).open(runtime)
    let comes = false
    const between = (streams: LogStreams): LogStreams => ({
      ...streams,
      ask: async (question) => {
        const answer = await streams.ask(question)
        if (comes) await log.record([command(1)])
        comes = false
        return answer
      },
    })
    await using redacting = await openLog(optionsOf(there), { between })
    comes = true
    assert.equal(await redacting.redact('shop', 'command-1'), true)
    assert.deepEqual((await log.get('shop', 'command-1'))?.redacted, ['*'])
    assert.equal((await rawMessages(optionsOf(there))).bodies.length, 1)
  })

  test('ends a page early that would be too large, and goes on behind it', async () => {
    await using there = place()
    await using log = await natsCommandLog(optionsOf(there)).open(runtime)
    const given = commandsFrom(1, 12).map((each) => ({ ...each, payload: JSON.stringify('x'.repeat(1_000_000)) }))
    await log.record(given)
    const { items, cursor } = await log.list({ order: 'oldest' })
    assert.ok(items.length < 12 && cursor !== undefined)
    assert.deepEqual(await everyRecord(log), given)
  })

  test('forgets which blocks there were when they are empty, and finds what comes later', async () => {
    await using there = place()
    await using log = await openLog(optionsOf(there), { placesPerBlock: 4 })
    await log.record(commandsFrom(1, 20))
    const before = (await rawMessages(optionsOf(there))).blocks.length
    assert.equal(await log.purge({ before: startUs + 17 }), 16)
    assert.ok((await rawMessages(optionsOf(there))).blocks.length < before / 2)
    await log.purge({ before: Number.MAX_SAFE_INTEGER })
    await log.record(commandsFrom(21, 30))
    assert.deepEqual(await everyRecord(log, { tenant: 'shop', order: 'oldest' }, 3), commandsFrom(21, 30))
  })

  test('is listed and read while it is purged: what stays is always there, what goes is whole or gone', async () => {
    await using there = place()
    await using log = await openLog(optionsOf(there), { placesPerBlock: 16 })
    const given = commandsFrom(1, 300)
    await log.record(given)
    let purging = true
    const purge = log.purge({ before: startUs + 251 }).finally(() => (purging = false))
    do {
      const found = await everyRecord(log)
      const ids = new Set(found.map(({ commandId }) => commandId))
      assert.deepEqual(
        found,
        given.filter(({ commandId }) => ids.has(commandId)),
      )
      assert.deepEqual(found.slice(-50), given.slice(-50))
    } while (purging)
    assert.equal(await purge, 250)
    assert.deepEqual(await everyRecord(log), given.slice(250))
  })

  test('lists over many blocks what a plain list would, whatever was recorded, redone, ended late and purged', async () => {
    const record = fc.record({
      number: fc.nat(25),
      tenant: fc.constantFrom('', 'left', 'right'),
      commandType: fc.constantFrom('Order.Place', 'Order.Cancel'),
      status: fc.constantFrom('started', 'accepted', 'denied'),
      recordedAt: fc.nat(5).map((hours) => startUs + hours * hourUs),
      context: fc.constantFrom('{}', '{"correlationId":"command-3"}', '{"correlationId":"c","identity":"user"}'),
    })
    const filter = fc.record(
      {
        tenant: fc.constantFrom('', 'left', 'right', 'nobody'),
        commandType: fc.constantFrom('Order.Place', 'Order.Cancel'),
        statuses: fc.constantFrom(['accepted'], ['started', 'denied']),
        correlationId: fc.constantFrom('command-3', 'c', 'command-5'),
        sender: fc.constant('user'),
        from: fc.nat(5).map((hours) => startUs + hours * hourUs),
        to: fc.nat(5).map((hours) => startUs + hours * hourUs),
        order: fc.constantFrom('oldest', 'newest'),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<CommandFilter>
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.array(record, { minLength: 1, maxLength: 12 }) },
      { weight: 1, arbitrary: fc.nat(5).map((hours) => startUs + hours * hourUs) },
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 6 }),
        fc.array(filter, { minLength: 6, maxLength: 6 }),
        async (steps, filters) => {
          await using there = place()
          await using log = await openLog(optionsOf(there), { placesPerBlock: 3 })
          const model = new Map<string, CommandRecord>()
          for (const each of steps)
            if (typeof each === 'number') await purgeBoth(log, model, each)
            else
              await recordBoth(
                log,
                model,
                each.map(({ number, ...fields }) => command(number, fields)),
              )
          for (const asked of filters) {
            const expected = plainList(model, asked)
            assert.deepEqual(await everyRecord(log, asked, 4), expected)
            assert.equal(await log.total(asked), expected.length)
          }
        },
      ),
      { numRuns: 25 },
    )
  })
})

type Model = Map<string, CommandRecord>

async function recordBoth(log: CommandLogStore, model: Model, records: readonly CommandRecord[]): Promise<void> {
  await log.record(records)
  for (const record of records) {
    const key = `${record.tenant} ${record.commandId}`
    const before = model.get(key)
    if (before === undefined || (before.status === 'started' && record.status !== 'started')) model.set(key, record)
  }
}

async function purgeBoth(log: CommandLogStore, model: Model, before: number): Promise<void> {
  const old = [...model].filter(([, { recordedAt, status }]) => recordedAt < before && status !== 'started')
  assert.equal(await log.purge({ before }), old.length)
  for (const [key] of old) model.delete(key)
}

function plainList(model: Model, filter: CommandFilter): readonly CommandRecord[] {
  const found = [...model.values()].filter(commandMatcher(filter))
  return filter.order === 'oldest' ? found : found.toReversed()
}
