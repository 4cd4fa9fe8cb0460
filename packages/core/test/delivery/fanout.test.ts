import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, presentationEvent } from '@gesta/core'
import { createFanout, createRegistry, publishPresentation, registerPresentationEvent } from '@gesta/core/registry'
import type { Envelope } from '@gesta/core/registry'
import fc from 'fast-check'
import { z } from 'zod'
import { runFanoutSuite } from '../../src/conformance/fanout/index.ts'
import { eventStreamFormat } from '../../src/delivery/fanout-frames.ts'
import { openFanout } from '../../src/delivery/fanout-hub.ts'
import { createRingIds } from '../../src/delivery/fanout-ids.ts'
import { createFanoutRing } from '../../src/delivery/fanout-ring.ts'
import { emptyContext } from '../../src/request-context/request-context.ts'
import { announce, writingDomain } from '../account-domain.ts'
import { createFakeClock, fakeRuntime, settled } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'
import { runtime } from '../stores/runtime.ts'
import { memoryPlace, memoryWriter } from './memory-clients.ts'

const run = { context: emptyContext, signal: new AbortController().signal }
const shown = (n: number, fields: Partial<Envelope> = {}): Envelope => ({
  id: `event-${n}`,
  category: 'presentation',
  type: 'Order.Shown',
  value: { n },
  ...fields,
})
const numbersIn = (text: string): readonly number[] => [...text.matchAll(/"n":(\d+)/g)].map(([, n]) => Number(n))

runFanoutSuite(test, async () => memoryPlace(), { stalls: true })

describe('the frames of an event stream', () => {
  test('are what the standard says: a retry, then blocks with id, event and data', async () => {
    await using hub = openFanout({ retryMs: 1000 }, fakeRuntime(createFakeClock()))
    const writer = memoryWriter()
    hub.connect().open(writer)
    await hub.sendPresentationEvents([shown(1)], run)
    hub.revoke(() => true)
    assert.match(
      writer.text,
      /^retry: \d{3,4}\nid: [\w-]{22}\n\nid: [\w-]{22}\nevent: Order\.Shown\ndata: \{"n":1\}\n\nevent: close\ndata: \{"reason":"revoked"\}\n\n$/,
    )
  })

  test('are made once per event, and shared by all clients', async () => {
    await using hub = createFanout()
    const frames: Uint8Array[] = []
    for (let client = 0; client < 3; client++) {
      const writer = memoryWriter()
      hub.connect().open({ ...writer, write: (frame) => frames.push(frame) > 0 })
    }
    await hub.sendPresentationEvents([shown(1)], run)
    assert.equal(frames.length, 6)
    assert.equal(new Set(frames.slice(3)).size, 1)
  })

  test('have ids that say nothing: not how many events there were, nor whose', () => {
    const ids = createRingIds(runtime.ids)
    const made = Array.from({ length: 1000 }, (_, sequence) => ids.id(sequence))
    assert.equal(new Set(made).size, 1000)
    for (const [sequence, id] of made.entries()) assert.equal(ids.sequence(id), sequence)
    const starts = new Set(made.map((id) => id.slice(0, 3)))
    assert.ok(starts.size > 900)
    assert.equal(ids.sequence(createRingIds(runtime.ids).id(1)), undefined)
  })
})

describe('heartbeats', () => {
  test('come by the clock while there are clients, and no timer is left without', async () => {
    const clock = createFakeClock()
    await using hub = openFanout({ heartbeatMs: 100 }, fakeRuntime(clock))
    assert.equal(clock.timers, 0)
    const writer = memoryWriter()
    hub.connect().open(writer)
    await clock.advance(350)
    assert.equal([...writer.text.matchAll(/^: heartbeat$/gm)].length, 3)
    assert.equal(clock.timers, 1)
    await writer.leave()
    assert.equal(clock.timers, 0)
  })

  test('are not queued for a client that is full; one that stays full is cut', async () => {
    const clock = createFakeClock()
    await using hub = openFanout({ heartbeatMs: 100, stallMs: 250 }, fakeRuntime(clock))
    const writer = memoryWriter()
    hub.connect().open(writer)
    writer.stall()
    await clock.advance(250)
    assert.equal([...writer.text.matchAll(/^: heartbeat$/gm)].length, 1)
    writer.drain()
    await clock.advance(100)
    assert.equal([...writer.text.matchAll(/^: heartbeat$/gm)].length, 2)
    writer.stall()
    await clock.advance(500)
    assert.equal(hub.counters().dropped, 1)
  })
})

describe('a queue', () => {
  test('is written in order when the client takes something again, and counts frames and bytes anew', async () => {
    await using hub = createFanout({ queueFramesMax: 3 })
    const writer = memoryWriter()
    hub.connect().open(writer)
    for (const round of [0, 1, 2]) {
      writer.stall()
      for (let n = 1; n <= 4; n++) await hub.sendPresentationEvents([shown(round * 4 + n)], run)
      writer.drain()
    }
    assert.deepEqual(numbersIn(writer.text), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    assert.equal(hub.counters().dropped, 0)
  })

  test('holds what is sent before the client is opened, and no more than its bound', async () => {
    await using hub = createFanout({ queueFramesMax: 2 })
    const [early, late] = [hub.connect(), hub.connect()]
    await hub.sendPresentationEvents([shown(1), shown(2)], run)
    const [read, cut] = [memoryWriter(), memoryWriter()]
    early.open(read)
    assert.deepEqual(numbersIn(read.text), [1, 2])
    await hub.sendPresentationEvents([shown(3)], run)
    late.open(cut)
    assert.deepEqual([cut.text, await cut.next()], ['', { kind: 'end', reason: undefined }])
    assert.deepEqual(numbersIn(read.text), [1, 2, 3])
    assert.deepEqual([hub.counters().dropped, hub.counters().clients], [1, 1])
  })

  test('of a client whose writer throws is dropped with it, and the others get everything', async () => {
    await using hub = createFanout()
    const [broken, read] = [memoryWriter(), memoryWriter()]
    let writes = 0
    const write = (frame: Uint8Array): boolean => {
      if (writes++ > 0) throw new Error('broken')
      return frame.length > 0
    }
    hub.connect().open({ ...broken, write })
    hub.connect().open(read)
    await hub.sendPresentationEvents([shown(1), shown(2)], run)
    assert.deepEqual(numbersIn(read.text), [1, 2])
    assert.deepEqual([hub.counters().clients, hub.counters().dropped, writes], [1, 1, 2])
  })

  test('is bounded in bytes', async () => {
    await using hub = createFanout({ queueBytesMax: 500 })
    const writer = memoryWriter()
    hub.connect().open(writer)
    writer.stall()
    await hub.sendPresentationEvents([shown(1)], run)
    await hub.sendPresentationEvents([shown(2, { value: 'x'.repeat(300) })], run)
    assert.equal(hub.counters().clients, 1)
    await hub.sendPresentationEvents([shown(3, { value: 'x'.repeat(300) })], run)
    assert.equal(hub.counters().clients, 0)
  })

  test('delivers each event once and in order, whatever the client takes when, or the client is cut', async () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant('send' as const) },
      fc.constantFrom('stall' as const, 'drain' as const, 'reconnect' as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        await using hub = createFanout({ queueFramesMax: 5, ringEventsMax: 8 })
        let writer = memoryWriter()
        hub.connect().open(writer)
        let sent = 0
        let expected = 1
        const check = (): void => {
          const heard = numbersIn(writer.text)
          assert.deepEqual(
            heard,
            heard.map((_, index) => expected + index),
          )
        }
        for (const each of steps) {
          if (each === 'send') await hub.sendPresentationEvents([shown(++sent)], run)
          else if (each === 'stall') writer.stall()
          else if (each === 'drain') writer.drain()
          else {
            check()
            const after = [...writer.text.matchAll(/^id: (\S+)$/gm)].at(-1)?.[1]
            expected += numbersIn(writer.text).length
            await writer.leave()
            writer = memoryWriter()
            hub.connect({ after }).open(writer)
            if (writer.text.includes('event: resync')) expected = sent + 1
          }
        }
        writer.drain()
        check()
        if (hub.counters().clients === 1) assert.equal(expected + numbersIn(writer.text).length, sent + 1)
        else assert.equal(hub.counters().dropped >= 1, true)
      }),
      { seed: 4, numRuns: 300 },
    )
  })
})

describe('the replay ring', () => {
  test('keeps no more than its bounds, whatever is put in, and gives what it has', () => {
    const put = fc.record({ size: fc.nat(300), frame: fc.boolean() })
    fc.assert(
      fc.property(
        fc.array(put, { maxLength: 60 }),
        fc.nat(20),
        fc.integer({ min: 0, max: 4_000 }),
        (puts, events, bytes) => {
          const ring = createFanoutRing(createRingIds(runtime.ids), { ringEventsMax: events, ringBytesMax: bytes })
          const ids = [ring.lastId]
          for (const { size, frame } of puts) {
            const added = ring.append({ type: 'A.B', tenant: '', audience: undefined, json: 'x'.repeat(size) })
            if (frame) ring.frame(added, eventStreamFormat)
            ids.push(added.id)
          }
          const kept = ids.map((id) => ring.after(id)).filter((answer) => typeof answer !== 'string')
          const most = kept[0] ?? []
          assert.ok(most.length <= events)
          assert.ok(most.reduce((sum, { json }) => sum + json.length, 0) <= bytes)
          // What an id reaches back to is contiguous, up to the last event.
          for (const [index, answer] of kept.entries())
            assert.deepEqual(
              answer.map(({ id }) => id),
              ids.slice(ids.length - kept.length + index + 1),
            )
        },
      ),
      { seed: 5, numRuns: 300 },
    )
  })
})

describe('a hub that an app was started with', () => {
  test('shows what a command emits to its tenant after the commit, and nothing of a command that was refused', async () => {
    await using hub = createFanout()
    const [north, south] = [memoryWriter(), memoryWriter()]
    hub.connect({ tenant: 'north' }).open(north)
    hub.connect({ tenant: 'south' }).open(south)
    await using app = await startApp(writingDomain, { fanout: hub })
    await app.running.dispatch(announce({ accountId: 'a', text: 'hello' }), { context: { tenant: 'north' } })
    await settled()
    assert.match(north.text, /event: Account\.Shown\ndata: \{"text":"hello"\}/)
    assert.doesNotMatch(south.text, /Shown/)
  })

  test('does not hold a command up when a client takes nothing', async () => {
    await using hub = createFanout({ queueFramesMax: 1 })
    const writer = memoryWriter()
    hub.connect().open(writer)
    writer.stall()
    await using app = await startApp(writingDomain, { fanout: hub })
    for (const text of ['1', '2', '3', '4'])
      assert.ok((await app.running.dispatch(announce({ accountId: 'a', text }))).ok)
    await settled()
    assert.equal(hub.counters().dropped, 1)
  })
})

describe('the audience of a contract', () => {
  const Seen = presentationEvent('Order.Seen', z.object({ orderId: z.string() }), {
    audience: ({ orderId }) => (orderId === 'all' ? [] : [`order:${orderId}`, 'staff']),
  })
  const see = command('Order.See', { input: z.object({ orderId: z.string() }) })
  const Happened = event('Order.Happened', z.object({}))
  const Order = aggregate('Order', () => 0).on(Happened, (n) => n + 1)
  const seeing = domain('Order', {
    permissions: 'anonymous',
    emits: [Seen],
    handlers: [Order.decide(see, 'orderId', (_, { orderId }) => [Happened({}), Seen({ orderId: orderId.trim() })])],
  })

  test('decides who sees what an aggregate decides to show: who holds all its labels; without labels everyone', async () => {
    await using hub = createFanout()
    const writers = [['order:1', 'staff'], ['order:1'], ['staff', 'order:2']].map((audience) => {
      const writer = memoryWriter()
      hub.connect({ audience }).open(writer)
      return writer
    })
    await using app = await startApp(seeing, { fanout: hub })
    for (const orderId of ['1', '2', 'all']) await app.running.dispatch(see({ orderId }))
    await settled()
    assert.deepEqual(
      writers.map(({ text }) => [...text.matchAll(/"orderId":"(\w+)"/g)].map(([, id]) => id)),
      [['1', 'all'], ['all'], ['2', 'all']],
    )
  })

  test('that cannot be told refuses the command before anything is stored', async () => {
    await using hub = createFanout()
    const long = 'x'.repeat(200)
    await using app = await startApp(seeing, { fanout: hub })
    await assert.rejects(app.running.dispatch(see({ orderId: long })), { code: 'invalid_output', message: /128 bytes/ })
    assert.equal(await app.store.head(), 0)
  })

  test('holds for events that a registry emits and publishes, unless they name another one', async () => {
    const registry = createRegistry()
    const heard: unknown[] = []
    registerPresentationEvent(registry, Seen, (_, { event: { audience } }) => void heard.push(audience))
    await publishPresentation(registry, Seen({ orderId: '1' }))
    await publishPresentation(registry, Seen({ orderId: '1' }), { audience: ['a'] })
    await publishPresentation(registry, Seen({ orderId: 'all' }))
    assert.deepEqual(heard, [['order:1', 'staff'], ['a'], undefined])
  })

  test('has the types of the data, and no other option is taken', () => {
    const schema = z.object({ orderId: z.string() })
    // @ts-expect-error no such field
    presentationEvent('Order.Seen', schema, { audience: ({ orderNumber }) => [orderNumber] })
    // @ts-expect-error labels are texts
    presentationEvent('Order.Seen', schema, { audience: () => [1] })
    assert.throws(() => presentationEvent('Order.Seen', schema, { audiences: [] } as never), /Did you mean "audience"/)
  })
})

describe('options', () => {
  test('are validated: unknown names and numbers out of bounds are refused', () => {
    assert.throws(() => createFanout({ clientMax: 1 } as never), /no option "clientMax". Did you mean "clientsMax"/)
    for (const options of [{ clientsMax: 0 }, { queueFramesMax: 0 }, { heartbeatMs: 1 }, { ringEventsMax: -1 }])
      assert.throws(() => createFanout(options), /whole number/)
  })
})
