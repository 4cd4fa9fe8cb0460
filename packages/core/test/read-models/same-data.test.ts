import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { aggregate, command, domain, event, handle, query, readModel } from '@gesta/core'
import type { RecordedEvent } from '@gesta/core'
import { z } from 'zod'
import { appendBeside } from '../interfering-store.ts'
import { startApp } from '../started-app.ts'

/** A value that JSON changes on its way: what a handler gave is not what a reader of the store sees. */
const loose = z.custom<{ readonly [key: string]: null }>(() => true)
const Kept = event('Thing.Kept', z.object({ value: loose }))
const keep = command('Thing.Keep', { input: z.object({ id: z.string() }) })
const seenBy = query('Thing.Seen', { result: z.unknown() })

const given = {
  date: new Date(0),
  absent: undefined,
  zero: -0,
  nested: { list: [undefined, null, { deep: -0 }], nothing: null },
  text: '\ud800\u0000',
  ['__proto__']: { own: true },
}
Object.defineProperty(given, '__proto__', { value: { own: true }, enumerable: true })

function thingDomain(value: unknown, watch: (who: string, data: unknown, event: RecordedEvent) => void) {
  const Thing = aggregate('Thing', (): unknown => null).on(Kept, (_, data, recorded) => {
    watch('aggregate', data, recorded)
    return { seen: data }
  })
  const things = readModel('Thing.Things', (): unknown => null).on(
    Kept,
    () => 'x',
    (_, data, recorded) => {
      watch('view', data, recorded)
      return data
    },
  )
  const states: unknown[] = []
  return {
    states,
    things: domain('Thing', {
      permissions: 'anonymous',
      handlers: [
        Thing.decide(keep, 'id', (state) => (states.push(state), [Kept({ value: value as never })])),
        handle(seenBy, async (_, { read }) => read(things).get('x')),
      ],
      readModels: [things],
    }),
  }
}

describe('the data of an event', () => {
  test('is the same to the aggregate that just wrote it, to one that is loaded, and to a view', async () => {
    const seen = new Map<string, unknown[]>()
    const watch = (who: string, data: unknown): void =>
      void seen.set(who, [...(seen.get(who) ?? []), structuredClone(data)])
    const live = thingDomain(given, watch)
    await using app = await startApp(live.things)
    await app.running.dispatch(keep({ id: 'a' }))
    await app.running.dispatch(keep({ id: 'a' }))
    await app.running.caughtUp()
    const row = await app.running.query(seenBy())
    const cold = thingDomain(given, (who, data) => watch(`cold ${who}`, data))
    await using again = await startApp(cold.things, { beside: app })
    await again.running.dispatch(keep({ id: 'a' }))

    const expected = JSON.parse(JSON.stringify({ value: given })) as unknown
    const all = [...seen.values()].flat()
    assert.ok(seen.has('aggregate') && seen.has('view') && seen.has('cold aggregate'))
    for (const data of all) assert.deepEqual(data, expected)
    assert.deepEqual(row, expected)
    assert.deepEqual(live.states[1], { seen: expected })
    assert.deepEqual(cold.states[0], { seen: expected })
    assert.equal(Object.is((expected as { value: { zero: number } }).value.zero, 0), true)
  })

  test('cannot be changed by whoever sees it', async () => {
    const errors: unknown[] = []
    const change = (_: string, data: unknown, { context }: RecordedEvent): void => {
      for (const target of [
        data,
        (data as { value: object }).value,
        (data as { value: { list: unknown[] } }).value.list,
        context,
        context.attributes,
      ]) {
        try {
          ;(target as Record<string, unknown>)['own'] = 1
        } catch (error) {
          errors.push(error instanceof TypeError)
        }
      }
    }
    const { things } = thingDomain({ list: [1] }, change)
    await using app = await startApp(things)
    await app.running.dispatch(keep({ id: 'a' }), { context: { attributes: { from: 'test' } } })
    await app.running.caughtUp()
    assert.deepEqual(
      errors,
      Array.from({ length: 10 }, () => true),
    )
  })

  test('that was brought up from an older version is as frozen and as exact', async () => {
    const Old = event('Thing.Old', z.object({ at: z.string() }))
    const New = Old.revise(
      z.object({ at: z.string(), tags: z.array(z.string()) }),
      ({ at }) => ({ at, tags: [], extra: undefined, when: new Date(0) }) as never,
    )
    const seen: unknown[] = []
    const look = (data: { readonly tags: readonly string[] }): void => {
      assert.throws(() => (data.tags as string[]).push('x'), TypeError)
      assert.throws(() => Object.assign(data, { at: 'x' }), TypeError)
      seen.push({ ...data })
    }
    const Thing = aggregate('Thing', () => 0).on(New, (n, data) => (look(data), n + 1))
    const things = readModel('Thing.Things', () => 0).on(
      New,
      () => 'x',
      (n, data) => (look(data), n + 1),
    )
    const oldDomain = domain('Thing', {
      permissions: 'anonymous',
      handlers: [Thing.decide(keep, 'id', () => [])],
      readModels: [things],
    })
    await using app = await startApp(oldDomain)
    await appendBeside(app.store, 'Thing/a', [{ type: 'Thing.Old', data: { at: 'then' } }])
    await app.running.dispatch(keep({ id: 'a' }))
    await app.clock.finish(app.running.caughtUp())
    const exact = { at: 'then', tags: [], when: '1970-01-01T00:00:00.000Z' }
    assert.deepEqual(seen, [exact, exact])
  })
})

describe('rows', () => {
  test('are frozen, and what a fold returns is kept as JSON between events', async () => {
    const rows: unknown[] = []
    const things = readModel('Thing.Things', (): unknown => ({ initial: new Date(0) })).on(
      Kept,
      () => 'x',
      (row) => {
        rows.push(row)
        return { date: new Date(0), absent: undefined, list: [1] }
      },
    )
    const Thing = aggregate('Thing', () => 0).on(Kept, (n) => n + 1)
    const rowDomain = domain('Thing', {
      permissions: 'anonymous',
      handlers: [
        Thing.decide(keep, 'id', () => [Kept({ value: {} }), Kept({ value: {} })]),
        handle(seenBy, async (_, { read }) => {
          const row = (await read(things).get('x')) as { list: number[] }
          assert.throws(() => row.list.push(2), TypeError)
          return row
        }),
      ],
      readModels: [things],
    })
    await using app = await startApp(rowDomain)
    const { token: after } = await app.running.dispatch(keep({ id: 'a' }))
    const exact = { date: '1970-01-01T00:00:00.000Z', list: [1] }
    assert.deepEqual(await app.running.query(seenBy(), { after }), exact)
    assert.deepEqual(rows[1], exact, 'whether or not both events were in one batch')
    assert.throws(() => (rows[1] as { list: number[] }).list.push(2), TypeError)
  })
})

describe('a result', () => {
  test('is to the caller what a repetition would get', async () => {
    const ask = command('Thing.Ask', { input: z.object({ id: z.string() }), result: loose })
    const Thing = aggregate('Thing', () => 0)
    const askDomain = domain('Thing', {
      permissions: 'anonymous',
      handlers: [Thing.decide(ask, 'id', () => ask.accept([], given as never))],
    })
    await using app = await startApp(askDomain)
    const first = await app.running.dispatch(ask({ id: 'a' }), { commandId: 'c' })
    assert.deepEqual(first.ok && first.result, JSON.parse(JSON.stringify(given)))
    assert.deepEqual(await app.running.dispatch(ask({ id: 'a' }), { commandId: 'c' }), first)
  })
})

describe('a value that JSON cannot carry', () => {
  test('is refused before anything is stored', async () => {
    const loop: { self?: unknown } = {}
    loop.self = loop
    for (const value of [loop, { big: 1n }, { deep: [Number.NaN] }, { deep: Number.POSITIVE_INFINITY }]) {
      const { things } = thingDomain(value, () => undefined)
      await using app = await startApp(things)
      await assert.rejects(app.running.dispatch(keep({ id: 'a' })), {
        code: 'invalid_output',
        message: /Thing\.Kept to survive JSON/,
      })
      assert.equal(await app.store.head(), 0)
    }
  })
})
