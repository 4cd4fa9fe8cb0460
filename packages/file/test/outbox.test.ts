import assert from 'node:assert/strict'
import { appendFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { runEventSourceSuite } from '@gesta/core/conformance/event-source'
import { runOutboxSuite } from '@gesta/core/conformance/outbox'
import { GestaError, isGestaError } from '@gesta/core/ports'
import type { Envelope, ErrorCode, EventBatch } from '@gesta/core/ports'
import { openFileOutbox } from '../src/index.ts'
import type { FileOutbox } from '../src/index.ts'
import { newFolder, runtime } from './place.ts'

const { signal } = new AbortController()
const run = { context: {}, signal }
const fails = (code: ErrorCode) => (error: unknown) => isGestaError(error, code)
const placed = (n: number, fields: Partial<Envelope> = {}): Envelope => ({
  id: `event-${n}`,
  category: 'domain',
  type: 'Order.Placed',
  value: { n },
  ...fields,
})
const clock = { nowUs: () => Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 }
const batchOf = async (outbox: FileOutbox): Promise<EventBatch> => {
  const batch = await outbox.receiveEventBatch({ signal })
  assert.ok(batch)
  return batch
}
const idsOf = (batch: EventBatch): readonly unknown[] => batch.events.map(({ id }) => id)
const linesOf = async (path: string): Promise<readonly Record<string, unknown>[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)

runEventSourceSuite(
  test,
  async () => {
    const folder = await newFolder()
    return {
      batchEventsMax: 100,
      runtime,
      open: async () => {
        const outbox = await openFileOutbox(join(folder.path, 'outbox.jsonl'))
        return {
          send: (events) => outbox.storeEvents(events, run),
          source: async () => outbox,
          close: async () => outbox.close(),
          [Symbol.asyncDispose]: async () => outbox[Symbol.asyncDispose](),
        }
      },
      remove: async () => folder[Symbol.asyncDispose](),
    }
  },
  { ordered: true, redelivers: true, competing: true, durable: true, drains: true },
)
runOutboxSuite(
  test,
  async () => {
    const folder = await newFolder()
    return {
      attemptsMax: 3,
      open: async () => {
        const outbox = await openFileOutbox(join(folder.path, 'outbox.jsonl'), { attemptsMax: 3 })
        return { ...outbox, givenUp: async () => Number((await outbox.info()).details['deadLetters']) }
      },
      remove: async () => folder[Symbol.asyncDispose](),
    }
  },
  { durable: true, limited: true },
)

describe('the file of an outbox', () => {
  test('has one line of JSON per record, with its fields in one order', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    await using outbox = await openFileOutbox(path, { clock })
    const full = { traceparent: '00-a', audience: ['a'], schemaVersion: 2, source: 'shop', publishedAt: 'now' }
    await outbox.storeEvents([placed(1, full)], run)
    await outbox.storeEvents([placed(2, { value: undefined })], run)
    const [first = {}, second = {}] = await linesOf(path)
    assert.match(String(first['id']), /^[0-9a-f-]{36}$/)
    assert.deepEqual(Object.entries(first).slice(1), [
      ['eventId', 'event-1'],
      ['traceparent', '00-a'],
      ['audience', ['a']],
      ['storedAt', '2026-01-02T03:04:05.000Z'],
      ['category', 'domain'],
      ['type', 'Order.Placed'],
      ['schemaVersion', 2],
      ['source', 'shop'],
      ['publishedAt', 'now'],
      ['value', { n: 1 }],
      ['attempts', 0],
    ])
    assert.deepEqual(Object.keys(second), ['id', 'eventId', 'storedAt', 'category', 'type', 'value', 'attempts'])
    assert.notEqual(first['id'], second['id'])
    const [, fields] = (await batchOf(outbox)).events
    assert.equal(fields?.value, null)
  })

  test('is empty when everything was acknowledged, and readable by its owner alone', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'deep', 'outbox.jsonl')
    await using outbox = await openFileOutbox(path)
    await outbox.storeEvents([placed(1), placed(2)], run)
    await (await batchOf(outbox)).ack?.({ signal })
    const { size, mode } = await stat(path)
    assert.deepEqual([size, mode & 0o777], [0, 0o600])
    assert.deepEqual((await readdir(join(folder.path, 'deep'))).sort(), [
      'outbox.jsonl',
      'outbox.jsonl.lock',
      'outbox.jsonl.owner',
    ])
  })

  test('says of a failed delivery how often, when and by which kind of error, and nothing of what the error said', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    await using outbox = await openFileOutbox(path, { clock })
    await outbox.storeEvents([placed(1)], run)
    const secret = new TypeError('card 4111 1111 1111 1111')
    const cause = new GestaError('subscriber_failed', 'secret', { cause: secret, facts: { contract: 'Order.Placed' } })
    for (const attempts of [1, 2]) {
      await (await batchOf(outbox)).nack?.(cause, { signal })
      const [record = {}] = await linesOf(path)
      assert.deepEqual(Object.entries(record).slice(-4), [
        ['value', { n: 1 }],
        ['attempts', attempts],
        ['lastAttemptAt', '2026-01-02T03:04:05.000Z'],
        ['lastError', 'subscriber_failed of Order.Placed < TypeError'],
      ])
    }
  })

  test('refuses a line above 10 MiB, and is not changed; one of exactly 10 MiB is stored', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    await using outbox = await openFileOutbox(path)
    await outbox.storeEvents([placed(1, { value: '' })], run)
    const before = await readFile(path)
    const room = 10 * 1024 * 1024 - (before.byteLength - 1)
    const tooMuch = outbox.storeEvents([placed(2), placed(3, { value: 'x'.repeat(room + 1) })], run)
    await assert.rejects(
      tooMuch,
      (error) => isGestaError(error, 'payload_too_large') && error.facts['eventId'] === 'event-3',
    )
    assert.deepEqual(await readFile(path), before)
    await outbox.storeEvents([placed(4, { value: 'x'.repeat(room) })], run)
    assert.deepEqual(idsOf(await batchOf(outbox)), ['event-1', 'event-4'])
  })

  test('gives batches of at most 100 events and 16 MiB', async () => {
    await using folder = await newFolder()
    await using outbox = await openFileOutbox(join(folder.path, 'outbox.jsonl'))
    const large = 'x'.repeat(9 * 1024 * 1024)
    await outbox.storeEvents([placed(1, { value: large }), placed(2, { value: large }), placed(3)], run)
    for (const ids of [['event-1'], ['event-2', 'event-3']]) {
      const batch = await batchOf(outbox)
      assert.deepEqual(idsOf(batch), ids)
      await batch.ack?.({ signal })
    }
  })

  test('does not grow with what was done, and is not copied for every batch', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    await using outbox = await openFileOutbox(path)
    for (let first = 0; first < 2_000; first += 100)
      await outbox.storeEvents(
        Array.from({ length: 100 }, (_, n) => placed(first + n)),
        run,
      )
    let { ino } = await stat(path)
    let copies = 0
    for (let batches = 0; batches < 20; batches += 1) {
      const batch = await batchOf(outbox)
      assert.deepEqual(batch.events[0]?.id, `event-${batches * 100}`)
      await batch.ack?.({ signal })
      const found = await stat(path)
      if (found.ino !== ino) copies += 1
      ino = found.ino
    }
    assert.equal((await stat(path)).size, 0)
    assert.ok(copies >= 1 && copies <= 8, `${copies} copies`)
  })

  test('keeps what cannot be read, counts and marks it, and delivers the rest', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    {
      await using outbox = await openFileOutbox(path)
      await outbox.storeEvents([placed(1)], run)
    }
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('nonsense\n')])
    await appendFile(path, bytes)
    await appendFile(
      path,
      '{"id":"r","eventId":"e","category":"unknown","type":"A.B","value":1,"attempts":0}\n{"half":\n',
    )
    await using outbox = await openFileOutbox(path, { clock, attemptsMax: 3 })
    await outbox.storeEvents([placed(2)], run)
    assert.deepEqual([(await outbox.info()).items, (await outbox.info()).details['unreadable']], [5, 3])
    const batch = await batchOf(outbox)
    assert.deepEqual(idsOf(batch), ['event-1', 'event-2'])
    await batch.ack?.({ signal })
    const marks = { attempts: 1, lastAttemptAt: '2026-01-02T03:04:05.000Z', lastError: 'event_unreadable' }
    const [first = {}, second = {}, third = {}] = await linesOf(path)
    const { id: _, ...ofFirst } = first
    const { id: __, ...ofThird } = third
    assert.deepEqual(ofFirst, { unreadableBase64: bytes.subarray(0, -1).toString('base64'), ...marks })
    assert.deepEqual(second, { id: 'r', eventId: 'e', category: 'unknown', type: 'A.B', value: 1, ...marks })
    assert.deepEqual(ofThird, { unreadable: '{"half":', ...marks })
  })

  test('marks what cannot be read once, also in a large file, however often it is opened', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    await writeFile(path, 'nonsense\n{"acked":[]}\n')
    for (const attempts of [1, 2]) {
      await using outbox = await openFileOutbox(path)
      if (attempts === 1)
        await outbox.storeEvents(
          Array.from({ length: 150 }, (_, n) => placed(n, { value: 'x'.repeat(1_000) })),
          run,
        )
      const batch = await batchOf(outbox)
      assert.equal(batch.events.length, 100)
      assert.deepEqual([(await outbox.info()).items, (await outbox.info()).details['unreadable']], [151, 1])
      const marked = (await linesOf(path)).filter((line) => line['unreadable'] === 'nonsense')
      assert.equal(marked.at(-1)?.['attempts'], attempts)
    }
  })

  test('moves what can never be read to the dead letters, and is drained then', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    await writeFile(path, '{"acked":[]}\nnonsense\n')
    await using outbox = await openFileOutbox(path, { attemptsMax: 2 })
    for (const n of [1, 2]) {
      await outbox.storeEvents([placed(n)], run)
      await (await batchOf(outbox)).ack?.({ signal })
    }
    outbox.close()
    assert.equal(await outbox.receiveEventBatch({ signal }), undefined)
    const { items, details } = await outbox.info()
    assert.deepEqual([items, details['deadLetters']], [0, 1])
    const [letter] = await linesOf(join(folder.path, 'outbox.dead.jsonl'))
    assert.equal(letter?.['unreadable'], 'nonsense')
  })

  test('is refused when it is something else, and left alone', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'letter.txt')
    for (const text of ['Dear Sir,', '\nthank you.', '\n']) {
      await appendFile(path, text)
      await assert.rejects(openFileOutbox(path), fails('store_foreign'))
    }
    assert.equal(await readFile(path, 'utf8'), 'Dear Sir,\nthank you.\n')
    await mkdir(join(folder.path, 'folder'))
    await assert.rejects(openFileOutbox(join(folder.path, 'folder')), fails('store_unavailable'))
  })

  test('has dead letters in a file of their own, wherever that is', async () => {
    await using folder = await newFolder()
    const deadLetterPath = join(folder.path, 'elsewhere', 'dead.jsonl')
    await using outbox = await openFileOutbox(join(folder.path, 'outbox'), { attemptsMax: 1, deadLetterPath, clock })
    await outbox.storeEvents([placed(1, { value: { n: 1, text: 'kept' } })], run)
    await (await batchOf(outbox)).nack?.(new RangeError('no'), { signal })
    const [letter] = await linesOf(deadLetterPath)
    assert.deepEqual(
      [letter?.['eventId'], letter?.['value'], letter?.['attempts'], letter?.['lastError']],
      ['event-1', { n: 1, text: 'kept' }, 1, 'RangeError'],
    )
    assert.equal((await readdir(folder.path)).includes('outbox.dead'), false)
  })
})

describe('the owner of an outbox', () => {
  test('is one: a second one is told who it is, also through a link', async () => {
    await using folder = await newFolder()
    const path = join(folder.path, 'outbox.jsonl')
    await symlink(folder.path, join(folder.path, 'link'))
    {
      await using _ = await openFileOutbox(path)
      for (const each of [path, join(folder.path, 'link', 'outbox.jsonl')]) {
        await assert.rejects(
          openFileOutbox(each),
          (error) =>
            isGestaError(error, 'store_locked') &&
            error.facts['pid'] === process.pid &&
            error.message.includes(`process ${process.pid} on `),
        )
      }
    }
    await using outbox = await openFileOutbox(path)
    await outbox.storeEvents([placed(1)], run)
  })
})

describe('openFileOutbox()', () => {
  test('refuses an empty path, bounds that are no whole numbers, and unknown options', async () => {
    await assert.rejects(openFileOutbox(''), /path of a file/)
    await assert.rejects(openFileOutbox('x', { attemptsMax: 0 }), RangeError)
    await assert.rejects(openFileOutbox('x', { attemptMax: 1 } as object), /Did you mean "attemptsMax"/)
  })
})
