import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, handle, integrationEvent, job, presentationEvent } from '@gesta/core'
import type { Envelope, Fanout } from '@gesta/core/registry'
import { z } from 'zod'
import { announce, writingDomain } from '../account-domain.ts'
import { settled } from '../fake-clock.ts'
import { startApp } from '../started-app.ts'

/** A fanout that keeps what it receives, and when: the length of the log at that moment. */
function keepingFanout(send: () => Promise<void> = async () => undefined): {
  readonly fanout: Fanout
  readonly batches: (readonly Envelope[])[]
} {
  const batches: (readonly Envelope[])[] = []
  return { batches, fanout: { sendPresentationEvents: (events) => (batches.push(events), send()) } }
}

describe('what leaves a command', () => {
  test('is stored with its events: integration events and jobs as parts of the commit', async () => {
    await using app = await startApp(writingDomain)
    await app.running.dispatch(announce({ accountId: 'a', text: 'hello' }), { commandId: 'c' })
    assert.deepEqual(await app.store.parts('', 'c'), {
      messages: [{ key: 'Account/a', type: 'Account.Announced', schemaVersion: 1, data: '{"text":"hello"}' }],
      jobs: [{ type: 'Account.Remind', data: '{"accountId":"a"}', terms: undefined }],
      audit: [],
    })
  })

  test('goes to browsers after the commit: presentation events, as one batch', async () => {
    const { fanout, batches } = keepingFanout()
    await using app = await startApp(writingDomain, {
      fanout,
      interfere: async (_, next) => {
        await settled()
        assert.equal(batches.length, 0)
        return next()
      },
    })
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await app.running.dispatch(announce({ accountId: 'a', text: 'hello' }), { context: { traceparent } })
    await settled()
    const { id, ...rest } = batches[0]?.[0] ?? { id: '' }
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.deepEqual(rest, {
      traceparent,
      category: 'presentation',
      type: 'Account.Shown',
      schemaVersion: 1,
      value: { text: 'hello' },
    })
    assert.deepEqual(
      batches.map(({ length }) => length),
      [1],
    )
  })

  test('does not call the fanout when there is nothing for browsers', async () => {
    const { fanout, batches } = keepingFanout()
    await using app = await startApp(writingDomain, { fanout })
    const { deposit } = await import('../account-domain.ts')
    await app.running.dispatch(deposit({ accountId: 'a', pence: 1 }))
    await settled()
    assert.deepEqual(batches, [])
  })

  for (const [how, fail] of [
    ['rejects', async () => Promise.reject(new Error('no clients'))],
    [
      'throws',
      () => {
        throw new Error('no clients')
      },
    ],
  ] as const) {
    test(`does not fail the command when the fanout ${how}`, async () => {
      const { fanout } = keepingFanout(fail)
      await using app = await startApp(writingDomain, { fanout })
      assert.ok((await app.running.dispatch(announce({ accountId: 'a', text: 'x' }))).ok)
      await settled()
    })
  }
})

const Shown = presentationEvent('Leave.Shown', z.object({ text: z.string() }))
const Sent = integrationEvent('Leave.Sent', z.object({ text: z.string() }))
const work = job('Leave.Work', { input: z.object({ text: z.string().default('none') }) })
const Left = event('Leave.Left', z.object({}))
const go = command('Leave.Go', { input: z.object({ id: z.string() }) })
const Leave = aggregate('Leave', () => 0).on(Left, (n) => n + 1)
const excess = { text: 'x', secret: 'y' } as { readonly text: string }

/** A domain whose decider sends these. */
function leaving(
  messages: readonly ReturnType<typeof Shown | typeof Sent | typeof work>[],
  emits: readonly (typeof Shown | typeof Sent)[] = [Shown, Sent],
  works = true,
) {
  return domain('Leave', {
    permissions: 'anonymous',
    handlers: [
      Leave.decide(go, 'id', () => [Left({}), ...messages]),
      ...(works ? [handle(work, async () => undefined)] : []),
    ],
    emits,
  })
}

describe('a message that leaves', () => {
  test('has only the fields that its schema names, wherever it goes', async () => {
    const { fanout, batches } = keepingFanout()
    await using app = await startApp(leaving([Shown(excess), Sent(excess), work({ ...excess }), work({})]), { fanout })
    await app.running.dispatch(go({ id: 'a' }), { commandId: 'c' })
    await settled()
    const parts = await app.store.parts('', 'c')
    assert.deepEqual(
      parts?.messages.map(({ data }) => data),
      ['{"text":"x"}'],
    )
    assert.deepEqual(
      parts?.jobs.map(({ data }) => data),
      ['{"text":"x"}', '{"text":"none"}'],
    )
    assert.deepEqual(
      batches[0]?.map(({ value }) => value),
      [{ text: 'x' }],
    )
  })

  const refusals: readonly [string, ReturnType<typeof leaving>, object][] = [
    [
      'an integration event that no domain declares',
      leaving([Sent({ text: '' })], [Shown]),
      { message: /Leave\.Go sends Leave\.Sent, which no domain declares\. Add it to the domain's emits/ },
    ],
    [
      'a presentation event that no domain declares',
      leaving([Shown({ text: '' })], [Sent]),
      { message: /sends Leave\.Shown, which no domain declares/ },
    ],
    [
      'a job that no domain handles',
      leaving([work({})], [], false),
      { message: /sends Leave\.Work, which no domain declares\. Add its handler/ },
    ],
    [
      'an integration event that does not fit its schema',
      leaving([Sent({ text: 3 } as never)]),
      { code: 'invalid_output', message: /Leave\.Sent/ },
    ],
    [
      'a presentation event that does not fit its schema',
      leaving([Shown({ text: 3 } as never)]),
      { code: 'invalid_output', message: /Leave\.Shown/ },
    ],
    [
      'a job that does not fit its schema',
      leaving([work({ text: 3 } as never)]),
      { code: 'invalid_output', message: /Leave\.Work/ },
    ],
  ]
  for (const [what, refusing, expected] of refusals) {
    test(`is refused before anything but its record is stored: ${what}`, async () => {
      const { fanout, batches } = keepingFanout()
      await using app = await startApp(refusing, { fanout })
      await assert.rejects(app.running.dispatch(go({ id: 'a' }), { commandId: 'c' }), expected)
      await settled()
      assert.equal(await app.store.head(), 0)
      assert.equal((await app.store.header('', 'c'))?.outcome, 'failed')
      assert.deepEqual(batches, [])
    })
  }

  test('may have an asynchronous schema, and keeps its place among the others', async () => {
    const Slow = integrationEvent('Leave.Slow', z.object({ n: z.int().refine(async (n) => n < 3, 'too much') }))
    const mixed = (numbers: readonly number[]) =>
      domain('Leave', {
        permissions: 'anonymous',
        handlers: [Leave.decide(go, 'id', () => numbers.flatMap((n) => [Slow({ n }), Sent({ text: `${n}` })]))],
        emits: [Slow, Sent],
      })
    await using app = await startApp(mixed([1, 2]))
    await app.running.dispatch(go({ id: 'a' }), { commandId: 'c' })
    assert.deepEqual(
      (await app.store.parts('', 'c'))?.messages.map(({ data }) => data),
      ['{"n":1}', '{"text":"1"}', '{"n":2}', '{"text":"2"}'],
    )
    await using refusing = await startApp(mixed([3, 4, 5]))
    await assert.rejects(refusing.running.dispatch(go({ id: 'a' })), { code: 'invalid_output' })
    await settled()
  })
})

describe('emit of a general handler', () => {
  test('is stored with the commit, and with nothing when the handler rejects', async () => {
    const send = command('Leave.Send', { input: z.object({ refuse: z.boolean() }), rejections: { no: 'No.' } })
    const sending = domain('Leave', {
      permissions: 'anonymous',
      handlers: [
        handle(send, async ({ refuse }, { emit }) => {
          emit(Sent({ text: '1' }), Shown({ text: '2' }))
          if (refuse) return send.reject('no')
        }),
      ],
      emits: [Sent, Shown],
    })
    const { fanout, batches } = keepingFanout()
    await using app = await startApp(sending, { fanout })
    await app.running.dispatch(send({ refuse: true }), { commandId: 'no' })
    await app.running.dispatch(send({ refuse: false }), { commandId: 'yes' })
    await settled()
    assert.deepEqual((await app.store.parts('', 'no'))?.messages, [])
    assert.deepEqual(
      (await app.store.parts('', 'yes'))?.messages.map(({ data }) => data),
      ['{"text":"1"}'],
    )
    assert.equal(batches.length, 1)
  })
})
