import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { event } from '@gesta/core'
import { z } from 'zod'
import { partsOf } from '../../src/contracts/contract.ts'
import { createEventDecoder, storedEvents } from '../../src/stores/event/event-decoder.ts'
import type { Commit } from '../../src/stores/commit.ts'
import { createMemoryEventStore } from '../../src/stores/event/memory-event-store.ts'
import type { RecordedEvent } from '../../src/contracts/recorded-event.ts'
import type { StoredCommit, StoredEvent } from '../../src/stores/event/event-store.ts'
import { createFakeClock, fakeRuntime } from '../fake-clock.ts'

const Named = event('Item.Named', z.object({ name: z.string() })).revise(
  z.object({ title: z.string() }),
  ({ name }) => ({ title: name }),
)
const decoder = (): ReturnType<typeof createEventDecoder> =>
  createEventDecoder(new Map([['Item.Named', partsOf(Named)]]))
/** An event that nothing has to be waited for. */
function readOne(own: ReturnType<typeof createEventDecoder>, stored: StoredEvent): RecordedEvent {
  const page = own.decodePage([stored])
  assert.ok(!(page instanceof Promise))
  return page[0] as RecordedEvent
}
const stream = (aggregateId: string, names: readonly string[]): Commit['streams'][number] => ({
  aggregateType: 'Item',
  aggregateId,
  expectation: 'any',
  events: names.map((title) => ({ type: 'Item.Named', schemaVersion: 2, data: JSON.stringify({ title }) })),
})
const commit: Commit = {
  commandId: 'c-1',
  tenant: 't',
  context: '{"tenant":"t","correlationId":"r"}',
  recordedAt: 1_700_000_000_123_456,
  streams: [stream('a', ['x', 'y']), stream('b', ['z'])],
  reads: [],
  header: {
    commandType: 'Item.Name',
    outcome: 'accepted',
    answer: undefined,
    version: undefined,
    fingerprint: undefined,
  },
  idempotency: undefined,
  messages: [],
  jobs: [],
  audit: [],
}

/** What a store tells its listeners, and what it reads back. */
async function storedTwice(): Promise<{
  readonly told: StoredCommit
  readonly store: ReturnType<typeof createMemoryEventStore>
}> {
  const store = createMemoryEventStore(fakeRuntime(createFakeClock()).ids)
  await store.commit({ ...commit, commandId: 'c-0', streams: [stream('a', ['before'])] })
  const told: StoredCommit[] = []
  store.onAppend((stored) => told.push(...stored))
  await store.commit(commit)
  return { told: told[0] as StoredCommit, store }
}

describe('events of a commit that was just stored', () => {
  test('are what a reader of the log sees', async () => {
    const { told, store } = await storedTwice()
    const read = await store.readAll({ after: 1 })
    assert.deepEqual(storedEvents(told), read)
    assert.deepEqual(decoder().eventsOf(told), decoder().decodePage(read))
  })

  test('are decoded once for whoever looks and for the command that takes them', async () => {
    const { told } = await storedTwice()
    const own = decoder()
    const seen = own.eventsOf(told)
    assert.equal(own.takeEventsOf(told), seen)
    assert.deepEqual(own.takeEventsOf(told), seen)
    assert.notEqual(own.takeEventsOf(told), seen)
  })
})

describe('a recorded event', () => {
  test('has every field', async () => {
    const { told } = await storedTwice()
    assert.deepEqual(decoder().eventsOf(told)[2], {
      id: 'c-1.2',
      commandId: 'c-1',
      type: 'Item.Named',
      data: { title: 'z' },
      schemaVersion: 2,
      position: 4,
      tenant: 't',
      workspace: undefined,
      domain: 'Item',
      aggregate: { type: 'Item', id: 'b' },
      version: 1,
      recordedAt: '2023-11-14T22:13:20.123Z',
      context: { tenant: 't', correlationId: 'r' },
    })
  })

  test('correlates with its command when its context names nothing else', async () => {
    const { told } = await storedTwice()
    const [first] = storedEvents(told)
    assert.ok(first)
    assert.deepEqual(readOne(decoder(), { ...first, context: '{}' }).context, { correlationId: 'c-1' })
  })

  test('of one commit never gets the context of another with the same text', async () => {
    const { told } = await storedTwice()
    const [first] = storedEvents(told)
    assert.ok(first)
    const own = decoder()
    assert.equal(readOne(own, { ...first, commandId: 'c-8', context: '{}' }).context.correlationId, 'c-8')
    assert.equal(readOne(own, { ...first, commandId: 'c-9', context: '{}' }).context.correlationId, 'c-9')
  })

  test('of a type that the app does not know keeps its data and version', async () => {
    const { told } = await storedTwice()
    const [first] = storedEvents(told)
    assert.ok(first)
    const unknown = readOne(createEventDecoder(new Map()), { ...first, schemaVersion: 7 })
    assert.deepEqual([unknown.data, unknown.schemaVersion], [{ title: 'x' }, 7])
  })
})
