// Lists find what they are asked for, newest first, and can be read in pages while others append.
import assert from 'node:assert/strict'
import type { LogFilter, LogStore } from '../../stores/log/log-store.ts'
import { logLevels } from '../../stores/log/log-store.ts'
import { badKeys, refused } from '../refused.ts'
import { everyPage, line, startUs, tenant, textsOf } from './given.ts'
import type { LogStoreCase } from './given.ts'

const group = 'searching'
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'

async function found(store: LogStore, filter: LogFilter): Promise<readonly string[]> {
  const texts = await textsOf(store, { order: 'oldest', ...filter })
  assert.equal(await store.total(filter), texts.length)
  return texts
}

export const searchingCases: readonly LogStoreCase[] = [
  {
    group,
    name: 'a level finds itself and what is more serious',
    run: async ({ store }) => {
      await store.append(logLevels.map((level) => line(level, { level })))
      for (const [index, level] of logLevels.entries())
        assert.deepEqual(await found(store, { level }), logLevels.slice(index))
    },
  },
  {
    group,
    name: 'a time range has its start and not its end, whatever the order of appending',
    run: async ({ store }) => {
      await store.append([3, 1, 2, 0].map((offset) => line(String(offset), { at: startUs + offset })))
      assert.deepEqual(await found(store, { from: startUs + 1 }), ['3', '1', '2'])
      assert.deepEqual(await found(store, { to: startUs + 2 }), ['1', '0'])
      assert.deepEqual(await found(store, { from: startUs + 1, to: startUs + 3 }), ['1', '2'])
      assert.deepEqual(await found(store, { from: startUs + 2, to: startUs + 2 }), [])
    },
  },
  {
    group,
    name: 'a tenant finds its own lines, the empty one those of no tenant, and none finds all',
    run: async ({ store }) => {
      await store.append(
        ['left', 'right', '', 'left', 'Left'].map((each, index) => line(String(index), { tenant: each })),
      )
      assert.deepEqual(await found(store, { tenant: 'left' }), ['0', '3'])
      assert.deepEqual(await found(store, { tenant: '' }), ['2'])
      assert.deepEqual(await found(store, { tenant: 'none' }), [])
      assert.deepEqual(await found(store, {}), ['0', '1', '2', '3', '4'])
    },
  },
  {
    group,
    name: 'a text is found anywhere in a line, whatever the case of ASCII letters, and is no pattern',
    run: async ({ store }) => {
      const texts = ['Order 100% paid', 'order_7 PAID', 'ÄRGER mit Öl', 'ärger', 'a\\b.*[c]', 'it\'s "quoted"', '']
      await store.append(texts.map((text) => line(text, { fields: '{"paid":true}' })))
      const cases: readonly (readonly [string, readonly number[]])[] = [
        ['paid', [0, 1]],
        ['ORDER', [0, 1]],
        ['0%', [0]],
        ['_', [1]],
        ['%', [0]],
        ['Ärger', [2]],
        ['ÄRGER', [2]],
        ['rger', [2, 3]],
        ['ärger', [3]],
        ['\\B', [4]],
        ['.*[', [4]],
        ['\'s "Q', [5]],
        ['', [0, 1, 2, 3, 4, 5, 6]],
      ]
      for (const [text, indexes] of cases)
        assert.deepEqual(
          await found(store, { text }),
          indexes.map((index) => texts[index]),
          text,
        )
    },
  },
  {
    group,
    name: 'a trace finds its lines, and all parts of a question must hold',
    run: async ({ store }) => {
      await store.append([
        line('a', { traceId }),
        line('b', { traceId, level: 'error' }),
        line('c', { level: 'error' }),
        line('d', { traceId, level: 'error', tenant: '' }),
        line('e', { traceId: '0'.repeat(31).concat('1') }),
      ])
      assert.deepEqual(await found(store, { traceId }), ['a', 'b', 'd'])
      assert.deepEqual(await found(store, { traceId, level: 'warn', tenant }), ['b'])
      assert.deepEqual(await found(store, { traceId, text: 'A', from: startUs, to: startUs + 1 }), ['a'])
    },
  },
  {
    group,
    name: 'pages by cursor hold every line once, in either order, whatever their size',
    run: async ({ store }) => {
      await store.append(
        Array.from({ length: 25 }, (_, index) => line(String(index), { tenant: index % 2 === 0 ? tenant : '' })),
      )
      for (const order of ['newest', 'oldest'] as const) {
        for (const filter of [{ order }, { order, tenant }]) {
          const whole = await store.list(filter, { limit: 1000 })
          for (const limit of [1, 2, 12, 13, 24, 25, 26])
            assert.deepEqual(await everyPage(store, filter, limit), whole.items)
        }
      }
    },
  },
  {
    group,
    name: 'lines that are appended while it is read do not move a list, newest first',
    run: async ({ store }) => {
      await store.append(['a', 'b', 'c'].map((text) => line(text)))
      const { cursor } = await store.list({}, { limit: 1 })
      await store.append([line('d')])
      assert.deepEqual(
        (await store.list({}, { cursor })).items.map(({ text }) => text),
        ['b', 'a'],
      )
    },
  },
  {
    group,
    name: 'a page can begin after a number of lines, tells the total when asked, and has 100 unless asked otherwise',
    run: async ({ store }) => {
      await store.append(Array.from({ length: 101 }, (_, index) => line(String(index))))
      const page = await store.list({}, { offset: 99, withTotal: true })
      assert.deepEqual([page.items.map(({ text }) => text), page.total], [['1', '0'], 101])
      const first = await store.list({})
      assert.deepEqual([first.items.length, 'total' in first], [100, false])
      assert.equal((await store.list({}, { cursor: first.cursor })).items[0]?.text, '0')
      for (const wrong of [{ limit: 0 }, { limit: 10_001 }, { offset: -1 }, { cursor: first.cursor ?? '', offset: 1 }])
        await assert.rejects(store.list({}, wrong), RangeError)
      await refused('invalid_cursor', [
        store.list({}, { cursor: 'x' }),
        store.list({ order: 'oldest' }, { cursor: first.cursor }),
        store.list({ tenant: 'another' }, { cursor: first.cursor }),
        store.list({ text: '1' }, { cursor: first.cursor }),
      ])
    },
  },
  {
    group,
    name: 'a question that no line can answer is refused',
    run: async ({ store }) => {
      for (const bad of badKeys.filter((each) => each !== ''))
        await refused('invalid_key', [
          store.list({ tenant: bad }),
          store.total({ tenant: bad }),
          store.purge(0, bad),
          store.reset(bad),
        ])
      await refused('invalid_key', [store.list({ traceId: 'x' })])
      await refused('invalid_output', [store.list({ text: '\0' }), store.total({ text: '\ud800' })])
      for (const time of [-1, 0.5, Number.NaN])
        for (const call of [() => store.list({ from: time }), () => store.total({ to: time }), () => store.purge(time)])
          await assert.rejects(call(), RangeError)
      for (const id of [0, -1, 1.5]) await assert.rejects(store.get(id), RangeError)
      await assert.rejects(store.list({ level: 'loud' as 'info' }), /Expected the level/)
      await assert.rejects(store.list({ order: 'random' as 'newest' }), /Expected the order/)
    },
  },
]
