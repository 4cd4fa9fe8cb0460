import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, createApp, domain, event, handle, integrationEvent, memory, readOnly } from '@gesta/core'
import type { AppBroker, Backend } from '@gesta/core'
import { z } from 'zod'
import { announce, writingDomain } from '../account-domain.ts'
import { createTestBroker, takes, turns, unavailable } from '../delivery/outbox-place.ts'
import { startApp } from '../started-app.ts'
import { messageId } from '../../src/stores/outbox/message-id.ts'
import { GestaError } from '../../src/errors/gesta-error.ts'

const textOf = (value: unknown): string => (value as { text: string }).text
const hello = announce({ accountId: 'a', text: 'hello' })

/** The description of a broker that tells when it is opened and closed. */
function described(told: string[], open: () => void = () => undefined) {
  const inner = createTestBroker()
  const broker: AppBroker = {
    open: async () => {
      told.push('opens')
      open()
      return {
        publishEvents: (events, run) => inner.publishEvents(events, run),
        [Symbol.asyncDispose]: async () => void told.push(`closed after ${inner.values.length}`),
      }
    },
  }
  return { broker, inner }
}

describe('an app with a broker', () => {
  test('sends the integration events of its commands, in its own name, and tells what it does', async () => {
    const seen: string[] = []
    const broker = createTestBroker()
    await using app = await startApp(writingDomain, {
      broker,
      observe: ({ name, labels }) => void (labels.eventCategory === 'integration' && seen.push(name)),
    })
    await app.running.dispatch(hello, { commandId: 'c', context: { tenant: 't', correlationId: 'x' } })
    await turns()
    assert.deepEqual(broker.batches, [
      [
        {
          id: messageId(app.store.identity, { tenant: 't', commandId: 'c', index: 0 }),
          category: 'integration',
          type: 'Account.Announced',
          schemaVersion: 1,
          source: 'test',
          key: 'Account/a',
          sequence: '1-0',
          tenant: 't',
          correlationId: 'x',
          value: { text: 'hello' },
        },
      ],
    ])
    assert.deepEqual(seen, ['gesta.contract.outbox.store', 'gesta.contract.broker.publish'])
    assert.deepEqual(app.running.outbox.relay, { state: 'live', sent: 1, held: 0, dead: 0, lastError: undefined })
  })

  test('relays without a role and as a worker only; elsewhere a broker is not even opened', async () => {
    for (const role of [undefined, 'worker', 'web', 'api', 'cron', 'admin'] as const) {
      const told: string[] = []
      const { broker } = described(told)
      await using app = await startApp(writingDomain, { broker, role })
      await app.store.commit({
        commandId: 'beside',
        tenant: '',
        context: '{}',
        recordedAt: 1,
        streams: [],
        reads: [],
        header: {
          commandType: 'A.B',
          outcome: 'accepted',
          answer: undefined,
          version: undefined,
          fingerprint: undefined,
        },
        idempotency: undefined,
        messages: [{ key: 'a', type: 'Account.Announced', schemaVersion: 1, data: '{"text":"beside"}' }],
        jobs: [],
        audit: [],
      })
      await app.clock.advance(1_000)
      const relays = role === undefined || role === 'worker'
      assert.deepEqual(told, relays ? ['opens'] : [])
      assert.equal(app.running.outbox.relay === undefined, !relays)
    }
  })

  test('starts and works while its broker cannot be opened, tries again, and closes it after the relay', async () => {
    const told: string[] = []
    let away = true
    const { broker, inner } = described(told, () => {
      if (away) throw new Error('no such host: secret')
    })
    {
      await using app = await startApp(writingDomain, { broker })
      for (let number = 0; number < 10; number += 1) await app.running.dispatch(hello)
      await app.clock.advance(5_000)
      assert.equal(app.running.outbox.relay?.state, 'retrying')
      assert.equal(app.running.outbox.relay?.lastError, 'broker_unavailable < Error')
      assert.deepEqual(await app.running.outbox.list(), { items: [] })
      const { commitsBehind, oldestUs, waiting, dead } = await app.running.outbox.info()
      assert.deepEqual([commitsBehind, waiting, dead], [10, 0, 0])
      assert.ok(oldestUs !== undefined && oldestUs <= app.clock.nowUs() - 5_000_000)
      away = false
      await app.clock.advance(60_000)
      assert.equal(inner.values.length, 10)
      assert.deepEqual(await app.running.outbox.info(), { waiting: 0, dead: 0, commitsBehind: 0, oldestUs: undefined })
    }
    assert.equal(told.at(-1), 'closed after 10')
    assert.equal(told.filter((each) => each.startsWith('closed')).length, 1)
  })

  test('closes a broker that is opened too late', async () => {
    const told: string[] = []
    const opening = Promise.withResolvers<void>()
    const broker: AppBroker = {
      open: async () => {
        await opening.promise
        return {
          publishEvents: async () => undefined,
          [Symbol.asyncDispose]: async () => void told.push('closed'),
        }
      },
    }
    const app = await startApp(writingDomain, { broker, outbox: { drainMs: 100 } })
    await app.running.dispatch(hello)
    await app.clock.advance(10)
    await app[Symbol.asyncDispose]()
    assert.deepEqual(told, [])
    opening.resolve()
    await turns()
    assert.deepEqual(told, ['closed'])
  })

  test('leaves what it could not send to the next one', async () => {
    const broker = createTestBroker(() => Promise.reject(unavailable()))
    const first = await startApp(writingDomain, { broker })
    await first.running.dispatch(hello)
    await first.clock.advance(100)
    await first[Symbol.asyncDispose]()
    broker.react = takes
    await using second = await startApp(writingDomain, { broker, beside: first })
    await second.clock.advance(1_000)
    assert.deepEqual(broker.values, [{ text: 'hello' }])
  })
})

describe('the outbox of an app', () => {
  test('shows what could not be sent, sends it again, drops it, and sends again what was sent', async () => {
    const broker = createTestBroker((events, take) => {
      if (textOf(events[0]?.value).startsWith('bad')) throw new TypeError('no')
      take(events)
    })
    await using app = await startApp(writingDomain, { broker, outbox: { attemptsMax: 1 } })
    for (const text of ['bad 1', 'good', 'bad 2']) await app.running.dispatch(announce({ accountId: text, text }))
    await app.clock.advance(1_000)
    const { outbox } = app.running
    const { items, total } = await outbox.list({ state: 'dead' }, { withTotal: true })
    assert.deepEqual([items.map(({ key }) => key), total], [['Account/bad 1', 'Account/bad 2'], 2])
    assert.equal((await outbox.info()).dead, 2)
    assert.equal(await outbox.discard(items.slice(1)), 1)
    broker.react = takes
    assert.equal(await outbox.requeue({ state: 'dead' }), 1)
    await turns()
    const texts = (): readonly string[] => broker.values.map(textOf)
    assert.deepEqual(texts(), ['good', 'bad 1'])
    assert.equal(await outbox.resend({ fromPosition: 2, toPosition: 2 }), 1)
    await turns()
    assert.deepEqual(texts(), ['good', 'bad 1', 'good'])
  })

  test('refuses options that are none before anything is opened', async () => {
    const app = createApp('shop', { domains: [writingDomain] })
    const store: Backend = { backend: 'test', open: () => assert.fail('opened') }
    const refused = [
      { inFlightMax: 0 },
      { attemptsMax: 1.5 },
      { leaseMs: 299 },
      { backoff: { firstMs: 10, maxMs: 9 } },
      { retentionMs: -1 },
      { drainMs: Number.NaN },
    ]
    for (const outbox of refused) await assert.rejects(() => app.start({ store, outbox }), RangeError)
    await assert.rejects(() => app.start({ store, outbox: { inflightMax: 1 } as never }), {
      message: 'outbox of start() has no option "inflightMax". Did you mean "inFlightMax"?',
    })
  })

  test('is refused to change in read-only mode, and nothing is relayed', async () => {
    const app = createApp('shop', { domains: [writingDomain] })
    await using running = await app.start({ store: readOnly(memory()), broker: createTestBroker() })
    assert.equal(running.outbox.relay, undefined)
    assert.deepEqual(await running.outbox.list(), { items: [] })
    await assert.rejects(
      () => running.outbox.requeue({}),
      (error) => error instanceof GestaError && error.code === 'store_read_only',
    )
  })
})

describe('the key of a message', () => {
  const Changed = event('Thing.Changed', z.object({}))
  const Sent = integrationEvent('Thing.Sent', z.object({}))
  const Thing = aggregate('Thing', () => ({})).on(Changed, () => ({}))
  const run = command('Thing.Run', { input: z.object({ loads: z.array(z.string()), changes: z.array(z.string()) }) })
  const things = domain('Thing', {
    permissions: 'anonymous',
    handlers: [
      handle(run, async ({ loads, changes }, { load, emit }) => {
        for (const id of loads) {
          const thing = await load(Thing, id)
          if (changes.includes(id)) thing.emit(Changed({}))
        }
        emit(Sent({}))
      }),
    ],
    aggregates: [Thing],
    emits: [Sent],
  })
  const keyOf = async (loads: readonly string[], changes: readonly string[]): Promise<string | undefined> => {
    await using app = await startApp(things)
    await app.running.dispatch(run({ loads: [...loads], changes: [...changes] }), { commandId: 'c' })
    return (await app.store.parts('', 'c'))?.messages[0]?.key
  }

  test('is the first aggregate that the command changes, else the first that it loads, else the command', async () => {
    assert.equal(await keyOf(['a', 'b', 'c'], ['b', 'c']), 'Thing/b')
    assert.equal(await keyOf(['a', 'b'], []), 'Thing/a')
    assert.equal(await keyOf([], []), 'c')
  })

  test('is of a fixed length for names that are longer than a key may be', async () => {
    const [one, two] = [await keyOf(['x'.repeat(512)], []), await keyOf([`${'x'.repeat(511)}y`], [])]
    assert.match(one ?? '', /^[\w-]{43}$/)
    assert.notEqual(one, two)
    assert.equal(await keyOf(['x'.repeat(506)], []), `Thing/${'x'.repeat(506)}`)
  })
})
