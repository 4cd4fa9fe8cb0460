// Lines come back as they were appended, in the order of appending, all of a call or none.
import assert from 'node:assert/strict'
import { payloadBytesMax } from '../../codec/json.ts'
import type { NewLogEntry } from '../../stores/log/log-store.ts'
import { badKeys, refused } from '../refused.ts'
import { line, startUs, tenant, textsOf, withoutId } from './given.ts'
import type { LogStoreCase } from './given.ts'

const group = 'lines'
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

export const lineCases: readonly LogStoreCase[] = [
  {
    group,
    name: 'a line comes back with all that it was given, under an id that rises',
    run: async ({ store }) => {
      const lines: readonly NewLogEntry[] = [
        { level: 'fatal', at: startUs + 1, tenant, text: 'all fields', traceId, fields: ' {"b":-0, "a":"\\u0000"} ' },
        { level: 'trace', at: 0, tenant: '', text: '' },
        line('"👩‍👩‍👧‍👦 \u00e9 e\u0301\n\t%_*'),
        line('x'.repeat(300_000)),
      ]
      await store.append(lines)
      const { items } = await store.list({ order: 'oldest' })
      assert.deepEqual(items.map(withoutId), lines)
      const ids = items.map(({ id }) => id)
      assert.ok(ids.every((id, index) => Number.isSafeInteger(id) && id > (ids[index - 1] ?? 0)))
      for (const item of items) assert.deepEqual(await store.get(item.id), item)
      assert.equal(await store.get((ids.at(-1) ?? 0) + 1000), undefined)
    },
  },
  {
    group,
    name: 'appending nothing is nothing, and many lines at once keep their order',
    run: async ({ store }) => {
      await store.append([])
      assert.equal(await store.total(), 0)
      const texts = Array.from({ length: 1000 }, (_, index) => `line ${index}`)
      await store.append(texts.map((text) => line(text)))
      assert.deepEqual(await textsOf(store, { order: 'oldest' }), texts)
      assert.deepEqual(await textsOf(store), texts.toReversed())
    },
  },
  {
    group,
    name: 'calls at once do not mix: the lines of each stay together',
    run: async ({ store }) => {
      await Promise.all(
        Array.from({ length: 20 }, (_, call) => store.append([0, 1, 2].map((part) => line(`${call}.${part}`)))),
      )
      const texts = await textsOf(store, { order: 'oldest' })
      assert.equal(texts.length, 60)
      for (let at = 0; at < 60; at += 3) {
        const [call] = (texts[at] ?? '').split('.')
        assert.deepEqual(texts.slice(at, at + 3), [`${call}.0`, `${call}.1`, `${call}.2`])
      }
    },
  },
  {
    group,
    name: 'a line that cannot be kept exactly is refused, and its neighbours with it',
    run: async ({ store }) => {
      const appended = (bad: Partial<NewLogEntry>): Promise<void> => store.append([line('good'), line('bad', bad)])
      await refused(
        'invalid_key',
        badKeys.filter((bad) => bad !== '').map((bad) => appended({ tenant: bad })),
      )
      await refused('invalid_key', [
        appended({ traceId: '' }),
        appended({ traceId: traceId.toUpperCase() }),
        appended({ traceId: `${traceId}0` }),
      ])
      await refused('invalid_output', [
        appended({ text: 'a\0' }),
        appended({ text: '\ud800' }),
        appended({ fields: '' }),
        appended({ fields: '"\0"' }),
        appended({ fields: '"\udc00"' }),
      ])
      await refused('payload_too_large', [
        appended({ text: 'é'.repeat(payloadBytesMax / 2 + 1) }),
        appended({ fields: `"${'x'.repeat(payloadBytesMax)}"` }),
      ])
      for (const at of [-1, 0.5, Number.NaN, 2 ** 53]) await assert.rejects(appended({ at }), RangeError)
      await assert.rejects(appended({ level: 'loud' as 'info' }), /Expected the level to be one of trace, debug/)
      assert.equal(await store.total(), 0)
    },
  },
  {
    group,
    name: 'a line of exactly the limit is kept',
    run: async ({ store }) => {
      const text = 'é'.repeat(payloadBytesMax / 2)
      await store.append([line(text)])
      assert.equal((await store.list({})).items[0]?.text === text, true)
    },
  },
  {
    group,
    name: 'info tells the port, the backend and the number of lines',
    run: async ({ store }) => {
      await store.append([line('a'), line('b', { tenant: '' })])
      const { store: port, items, readOnly } = await store.info()
      assert.deepEqual([port, items, readOnly], ['log', 2, false])
    },
  },
  {
    group,
    name: 'a closed store refuses everything',
    run: async ({ store }) => {
      await store.append([line('a')])
      await store[Symbol.asyncDispose]()
      await refused('store_closed', [
        store.append([line('b')]),
        store.get(1),
        store.list({}),
        store.total(),
        store.purge(startUs),
        store.retention(),
        store.setRetention(1),
        store.reset(),
        store.info(),
      ])
    },
  },
]
