// A logged bus that waits for its log: what the records hold, and that intent comes before handler and outcome before answer.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { abandonStarted, createApp, domain, handle, memory, withCommandLog } from '@gesta/core'
import type { BusCommand } from '@gesta/core'
import { command } from '../../src/contracts/define.ts'
import { GestaError, isGestaError } from '../../src/errors/gesta-error.ts'
import { cancel, order, place } from '../registry/orders.ts'
import { away, back, busPlace, contracts, pay, registerOrders } from './bus-place.ts'

const context = { tenant: 'acme', identity: 'user-1', correlationId: 'request-1' }

describe('a logged bus', () => {
  test('records an accepted command with its input, sender, metadata, events and duration', async () => {
    const { registry, bus, log, runtime, clock } = await busPlace()
    registerOrders(registry)
    await using logged = withCommandLog(bus, log, { contracts, runtime })
    const metadata = { address: '203.0.113.7' }
    const answer = await logged.dispatch(place(order), { context, commandId: 'c1', metadata })
    assert.deepEqual([answer.ok, answer.events.length], [true, 1])
    assert.deepEqual(await log.get('acme', 'c1'), {
      tenant: 'acme',
      commandId: 'c1',
      commandType: 'Order.Place',
      status: 'accepted',
      recordedAt: clock.nowUs(),
      durationUs: 0,
      context: JSON.stringify(context),
      payload: '{"orderId":"A-1","pence":4200}',
      metadata,
      error: undefined,
      permission: undefined,
      idempotencyKey: undefined,
      duplicateOf: undefined,
      retries: 0,
      events: [{ id: 'e1', position: undefined }],
      messages: [],
      jobs: [],
      redacted: [],
      truncated: [],
      commitNo: undefined,
    })
    assert.deepEqual(logged.status, { recorded: 1, lost: 0, waiting: 0, lastError: undefined })
  })

  test('has stored the intent before the handler runs, and the outcome before it answers', async () => {
    const { registry, bus, log, runtime, clock, statusOf } = await busPlace()
    const seen: unknown[] = []
    registerOrders(registry, async () => {
      seen.push(await statusOf('c1'))
      await clock.advance(40)
    })
    await using logged = withCommandLog(bus, log, { contracts, runtime })
    await logged.dispatch(cancel({ orderId: 'A-1' }), { commandId: 'c1' })
    assert.deepEqual(seen, ['started'])
    assert.equal(await statusOf('c1'), 'accepted')
    assert.equal((await log.get('', 'c1'))?.durationUs, 40_000)
  })

  test('records a rejection with code and reason', async () => {
    const { registry, bus, log, runtime } = await busPlace()
    registerOrders(registry)
    await using logged = withCommandLog(bus, log, { contracts, runtime })
    const answer = await logged.dispatch(place({ ...order, pence: 20_000 }), { commandId: 'c1' })
    const record = await log.get('', 'c1')
    assert.equal(answer.ok, false)
    assert.deepEqual([record?.status, record?.error], ['rejected', { code: 'over_limit', message: 'Too expensive.' }])
  })

  const left = new AbortController()
  left.abort(new Error('gone'))
  for (const [what, thrown, status, code] of [
    ['a fault', new TypeError('holds 4200'), 'failed', 'handler_failed'],
    ['what is no error', 'holds 4200', 'failed', 'handler_failed'],
    ['a denial', new GestaError('permission_denied', 'No.'), 'denied', 'permission_denied'],
    ['a deadline', new GestaError('deadline_exceeded', 'Late.'), 'timed_out', 'deadline_exceeded'],
    ['an abort of the caller', left.signal.reason, 'abandoned', 'aborted'],
  ] as const) {
    test(`records ${what} and throws it unchanged`, async () => {
      const { log, runtime, registry } = await busPlace()
      registerOrders(registry)
      const bus = {
        dispatch: (_command: BusCommand, _options: object) => Promise.reject(thrown as Error),
      }
      await using logged = withCommandLog(bus, log, { contracts, runtime })
      const dispatched = logged.dispatch(place(order), { commandId: 'c1', signal: left.signal })
      await assert.rejects(dispatched, (cause) => cause === thrown)
      const record = await log.get('', 'c1')
      assert.deepEqual([record?.status, record?.error?.code], [status, code])
      assert.ok(!JSON.stringify(record?.error).includes('4200'))
    })
  }

  test('keeps no marked field, not in the payload and not in the words of a refusal', async () => {
    const { registry, bus, log, runtime } = await busPlace()
    registerOrders(registry)
    await using logged = withCommandLog(bus, log, { contracts, runtime })
    await logged.dispatch(pay({ orderId: 'A-1', card: '4111', holder: 'Ada' }), { commandId: 'c1' })
    const refused = logged.dispatch(pay({ orderId: 'A-1', card: '4111 4111 4111 4111 4111', holder: 'Ada' }), {
      commandId: 'c2',
    })
    await assert.rejects(refused, (cause) => isGestaError(cause, 'invalid_input'))
    const [first, second] = [await log.get('', 'c1'), await log.get('', 'c2')]
    assert.equal(first?.payload, '{"card":"[secret]","holder":"[personal]","orderId":"A-1"}')
    assert.deepEqual(first?.redacted, ['card', 'holder'])
    assert.deepEqual([second?.status, second?.error?.code], ['failed', 'invalid_input'])
    assert.ok(!/4111|Ada/.test(JSON.stringify([first, second])))
  })

  test('keeps nothing of the payload of a type that it was given no contract of', async () => {
    const { registry, bus, log, runtime } = await busPlace()
    registerOrders(registry)
    await using logged = withCommandLog(bus, log, { contracts: [place], runtime })
    await logged.dispatch(pay({ orderId: 'A-1', card: '4111', holder: 'Ada' }), { commandId: 'c1' })
    const record = await log.get('', 'c1')
    assert.deepEqual([record?.payload, record?.redacted], [undefined, ['*']])
  })

  test('cuts what is over its limit, and says so', async () => {
    const { log, runtime } = await busPlace()
    const bus = {
      dispatch: async (_command: BusCommand) => ({
        ok: false,
        rejection: { code: 'no', reason: 'r'.repeat(9_000) },
      }),
    }
    const metadata = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`name-${at}`, 'v'.repeat(2_000)]))
    await using logged = withCommandLog(bus, log, { contracts, runtime, id: () => 'c1', metadata: () => metadata })
    await logged.dispatch({ type: 'Order.Cancel', data: { orderId: '😀'.repeat(400_000) } })
    await logged.dispatch({ type: 'Order.Cancel', data: 1n })
    const record = await log.get('', 'c1')
    assert.deepEqual(record?.truncated, ['payload', 'metadata', 'error'])
    assert.ok(Buffer.byteLength(record.payload ?? '') <= 1_048_576 && record.payload?.isWellFormed())
    assert.deepEqual([Object.keys(record.metadata).length, record.error?.message.length], [256, 8_192])
  })

  test('extractors understand a bus whose options and results are its own', async () => {
    const { log, runtime } = await busPlace()
    const bus = {
      dispatch: async (_command: BusCommand, { user }: { user: string; request: string }) => ({
        refused: user === 'eve',
        wrote: [17],
      }),
    }
    await using logged = withCommandLog(bus, log, {
      runtime,
      id: ({ options }) => options?.request,
      context: ({ options }) => ({ tenant: 'acme', account: options?.user, correlationId: 'batch-1' }),
      metadata: ({ type }) => ({ from: `queue of ${type}` }),
      outcome: ({ refused }) =>
        refused ? { status: 'denied', error: { code: 'no', message: 'Not Eve.' } } : undefined,
      events: ({ wrote }) => wrote.map((position) => ({ id: `event-${position}`, position })),
    })
    const answer = await logged.dispatch({ type: 'Order.Place', data: 1 }, { user: 'ann', request: 'r1' })
    assert.deepEqual(answer.wrote, [17])
    await logged.dispatch({ type: 'Order.Place', data: 1 }, { user: 'eve', request: 'r2' })
    const { items } = await log.list({ correlationId: 'batch-1', order: 'oldest' })
    assert.deepEqual(
      items.map(({ tenant, commandId, status, error, events, metadata }) => [
        `${tenant} ${commandId} ${status}`,
        error?.code,
        events[0]?.position,
        metadata['from'],
      ]),
      [
        ['acme r1 accepted', undefined, 17, 'queue of Order.Place'],
        ['acme r2 denied', 'no', 17, 'queue of Order.Place'],
      ],
    )
    assert.deepEqual((await log.list({ sender: 'eve' })).items.length, 1)
  })

  test('an extractor that throws costs no command and no record', async () => {
    const { registry, bus, log, runtime, all } = await busPlace()
    registerOrders(registry)
    const fail = (): never => {
      throw new Error('no')
    }
    const extractors = { id: fail, context: fail, metadata: fail, outcome: fail, events: fail }
    await using logged = withCommandLog(bus, log, { contracts, runtime, ...extractors })
    assert.equal((await logged.dispatch(place(order))).ok, true)
    assert.deepEqual(
      (await all()).map(({ status, events }) => [status, events.length]),
      [['accepted', 1]],
    )
  })

  test('options and results of another bus that only look like known ones cost no command and no record', async () => {
    const { log, runtime, all } = await busPlace()
    const session: { self?: unknown } = {}
    session.self = session
    const fail = (): never => {
      throw new Error('no')
    }
    const optionsOfOthers: readonly unknown[] = [
      { context: { tenant: 'acme', session } },
      { context: { attributes: 5n } },
      { metadata: Object.defineProperty({}, 'address', { enumerable: true, get: fail }) },
    ]
    const bus = { dispatch: async ({ data }: BusCommand, _options?: unknown): Promise<unknown> => data }
    await using logged = withCommandLog(bus, log, { runtime })
    for (const options of optionsOfOthers) await logged.dispatch({ type: 'Order.Place', data: 1 }, options)
    const result = { ok: false, rejection: null }
    assert.equal(await logged.dispatch({ type: 'Order.Place', data: result }), result)
    assert.deepEqual(
      (await all()).map((record) => [record.tenant, record.status, record.context, record.truncated]),
      [
        ['acme', 'accepted', '{}', []],
        ['', 'accepted', '{}', []],
        ['', 'accepted', '{}', ['metadata']],
        ['', 'accepted', '{}', []],
      ],
    )
  })

  test('a command under an id that has its record runs, and the first record stays', async () => {
    const { registry, bus, log, runtime, all } = await busPlace()
    registerOrders(registry)
    await using logged = withCommandLog(bus, log, { contracts, runtime })
    await logged.dispatch(place(order), { commandId: 'c1' })
    const again = await logged.dispatch(place({ ...order, pence: 20_000 }), { commandId: 'c1' })
    assert.equal(again.ok, false)
    assert.deepEqual(
      (await all()).map(({ commandId, status }) => [commandId, status]),
      [['c1', 'accepted']],
    )
  })

  test('a command whose events were not all delivered is accepted, with the error and the events', async () => {
    const { registry, bus, log, runtime } = await busPlace()
    registerOrders(registry)
    await using logged = withCommandLog(bus, log, { contracts, runtime })
    const sink = (): never => {
      throw new Error('no')
    }
    await assert.rejects(logged.dispatch(place(order), { commandId: 'c1', sink }))
    const record = await log.get('', 'c1')
    assert.deepEqual([record?.status, record?.error?.code], ['accepted', 'subscriber_failed'])
    assert.deepEqual(record?.events, [{ id: 'e1', position: undefined }])
  })

  test('a record that no log takes is told of, and the command runs', async () => {
    const { registry, bus, log, runtime } = await busPlace()
    registerOrders(registry)
    const lost: unknown[] = []
    const onLost = ({ status }: { status: string }, because: string): void => void lost.push([status, because])
    await using logged = withCommandLog(bus, log, { contracts, runtime, onLost })
    assert.equal((await logged.dispatch(place(order), { commandId: 'x'.repeat(600) })).ok, true)
    assert.deepEqual(lost, [['accepted', 'refused']])
    assert.deepEqual([logged.status.recorded, logged.status.lastError], [0, 'invalid_key'])
  })

  test('while the log is away commands go on, and their records follow', async () => {
    const { registry, bus, log, runtime, clock, onRecord, statusOf } = await busPlace()
    registerOrders(registry)
    onRecord(away)
    await using logged = withCommandLog(bus, log, { contracts, runtime })
    assert.equal((await logged.dispatch(place(order), { commandId: 'c1' })).ok, true)
    assert.equal((await logged.dispatch(place(order), { commandId: 'c2' })).ok, true)
    assert.deepEqual(logged.status, { recorded: 0, lost: 0, waiting: 2, lastError: 'store_unavailable' })
    onRecord(back)
    await clock.advance(5_000)
    assert.deepEqual([await statusOf('c1'), await statusOf('c2')], ['accepted', 'accepted'])
    assert.deepEqual(logged.status, { recorded: 2, lost: 0, waiting: 0, lastError: undefined })
  })

  test('with whenDown refuse, nothing begins while the log is away', async () => {
    const { registry, bus, log, runtime, clock, onRecord, statusOf } = await busPlace()
    let ran = 0
    registerOrders(registry, () => void (ran += 1))
    onRecord(away)
    await using logged = withCommandLog(bus, log, { contracts, runtime, whenDown: 'refuse' })
    for (const commandId of ['c1', 'c2'])
      await assert.rejects(logged.dispatch(cancel({ orderId: 'A-1' }), { commandId }), (cause) =>
        isGestaError(cause, 'store_unavailable'),
      )
    assert.equal(ran, 0)
    // That nothing waits any more does not mean that the log is well.
    await clock.advance(5_000)
    assert.deepEqual([logged.status.waiting, logged.status.lastError], [0, 'store_unavailable'])
    onRecord(back)
    await logged.dispatch(cancel({ orderId: 'A-1' }), { commandId: 'c3' })
    assert.deepEqual([ran, await statusOf('c1'), await statusOf('c3')], [1, undefined, 'accepted'])
    assert.deepEqual([logged.status.waiting, logged.status.lastError], [0, undefined])
  })

  test('a started app is a bus: its types stay, its outcomes are understood', async () => {
    const { log } = await busPlace()
    const ping = command('Shop.Ping', { rejections: { tired: 'Not now.' } })
    const app = createApp('app', {
      domains: [
        domain('Shop', {
          handlers: [handle(ping, async () => ping.reject('tired'))],
          permissions: { 'Shop.Ping': 'anonymous' },
        }),
      ],
    })
    await using running = await app.start({ store: memory() })
    await using logged = withCommandLog(running, log, { contracts: [ping] })
    const outcome = await logged.dispatch(ping(), { commandId: 'c1', context })
    assert.equal(outcome.ok ? '' : (outcome.rejection.code satisfies 'tired'), 'tired')
    assert.equal((await log.get('acme', 'c1'))?.status, 'rejected')
  })

  test('commands that were started and never ended become abandoned, and what ended stays', async () => {
    const { registry, bus, log, runtime, clock, all } = await busPlace()
    const { promise: hangs } = Promise.withResolvers<void>()
    registerOrders(registry, () => hangs)
    const logged = withCommandLog(bus, log, { contracts, runtime })
    void logged.dispatch(cancel({ orderId: 'A-1' }), { commandId: 'dead' })
    await logged.dispatch(place(order), { commandId: 'ended' })
    await clock.advance(60_000)
    void logged.dispatch(cancel({ orderId: 'A-1' }), { commandId: 'young' })
    await clock.advance(1)
    assert.equal(await abandonStarted(log, { olderThanMs: 60_000, runtime }), 1)
    assert.deepEqual(
      (await all()).map(({ commandId, status, error }) => [commandId, status, error?.code]),
      [
        ['dead', 'abandoned', 'no_outcome'],
        ['ended', 'accepted', undefined],
        ['young', 'started', undefined],
      ],
    )
  })

  test('options that do not exist are refused by name', async () => {
    const { bus, log } = await busPlace()
    assert.throws(() => withCommandLog(bus, log, { bufferMx: 1 } as object), /Did you mean "bufferMax"/)
    assert.throws(() => withCommandLog(bus, log, { batchMax: 0 }), RangeError)
  })
})
