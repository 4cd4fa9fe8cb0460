// What commits have stored is found in their order, commit by commit.
import assert from 'node:assert/strict'
import { commit, oneTo, stored, stream } from '../event-store/given.ts'
import { everyMessage, message, messagesOf, place, sends, sendsEach } from './given.ts'
import type { OutboxStoreCase } from './given.ts'

const group = 'reading'
export const readingCases: readonly OutboxStoreCase[] = [
  {
    group,
    name: 'an outbox is empty at first: nothing after its cursor, which is 0, nothing held, nothing due',
    run: async ({ outbox }) => {
      assert.equal(await outbox.cursor(), 0)
      assert.deepEqual([await outbox.after(0, 100), await outbox.due(1, 100)], [[], []])
      assert.equal(await outbox.nextDue(), undefined)
      assert.deepEqual([(await outbox.list({})).items, await outbox.total()], [[], 0])
      const { store, items, readOnly } = await outbox.info()
      assert.deepEqual([store, items, readOnly], ['outbox', 0, false])
    },
  },
  {
    group,
    name: 'a message has its place, tenant, command, key, type, version, exact data, context and time',
    run: async ({ events, outbox }) => {
      await stored(events, commit({ streams: [stream('a')] }))
      const fields = {
        tenant: '',
        commandId: 'command-€',
        context: '{ "traceparent" : "x" }',
        recordedAt: 1_700_000_000_123_456,
      }
      const all = await sends(
        events,
        [
          message({
            key: '€'.repeat(512),
            type: 'Order.Sent',
            schemaVersion: 7,
            data: '{"b":-0, "a":"\\u0000", "b":2}',
          }),
          message({ key: ' ', type: 'T'.repeat(512), data: '"é\u{10000}"' }),
        ],
        fields,
      )
      assert.deepEqual(all.map(place), [
        { commitNo: 2, index: 0 },
        { commitNo: 2, index: 1 },
      ])
      assert.deepEqual(await outbox.after(0, 100), all)
      assert.deepEqual(await outbox.after(1, 100), all)
      assert.deepEqual(await outbox.after(2, 100), [])
    },
  },
  {
    group,
    name: 'messages of many commits and tenants come in the order of the commits and of their indexes',
    run: async ({ events, outbox }) => {
      const all = []
      for (const number of oneTo(60)) {
        const messages = messagesOf(
          `key-${number % 7}`,
          oneTo(number % 4)
            .map((each) => `${number}.${each}`)
            .map((text) => `"${text}"`),
        )
        const streams = number % 3 === 0 ? [stream(`s${number}`, 'any', ['1', '2'])] : []
        all.push(...(await sends(events, messages, { tenant: `tenant-${number % 3}`, streams })))
      }
      for (const limit of [1, 2, 7, 100, 10_000]) assert.deepEqual(await everyMessage(outbox, 0, limit), all)
      const [, , third] = [...new Set(all.map(({ commitNo }) => commitNo))]
      assert.deepEqual(
        await everyMessage(outbox, third, 5),
        all.filter(({ commitNo }) => commitNo > (third ?? 0)),
      )
    },
  },
  {
    group,
    name: 'a page never divides a commit, however many messages it has',
    run: async ({ events, outbox }) => {
      const lists = [1, 250, 1].map((count) => messagesOf('a', oneTo(count).map(String)))
      const all = await sendsEach(events, lists)
      assert.deepEqual((await outbox.after(0, 1)).length, 1)
      assert.deepEqual(await outbox.after(1, 1), all.slice(1, 251))
      assert.deepEqual(await everyMessage(outbox, 0, 100), all)
    },
  },
  {
    group,
    name: 'a page ends after about 8 MiB of data, and has at least one commit',
    run: async ({ events, outbox }) => {
      const large = JSON.stringify('x'.repeat(1_000_000))
      for (const _ of oneTo(11)) await sends(events, [message({ data: large })])
      await sends(
        events,
        messagesOf(
          'a',
          Array.from({ length: 10 }, () => large),
        ),
      )
      const pages: number[] = []
      for (let last = 0; ;) {
        const page = await outbox.after(last, 10_000)
        if (page.length === 0) break
        pages.push(page.length)
        last = page.at(-1)?.commitNo ?? 0
      }
      assert.equal(
        pages.reduce((sum, count) => sum + count),
        21,
      )
      assert.ok(Math.max(...pages) <= 18 && (pages[0] ?? 0) <= 9, `Pages of ${pages.join(', ')} messages.`)
    },
  },
  {
    group,
    name: 'what a conflict or a repetition refused has no messages',
    run: async ({ events, outbox }) => {
      await stored(events, commit({ commandId: 'first', streams: [stream('taken')] }))
      const messages = [message()]
      const refusals = [
        commit({ streams: [stream('taken', 'noStream')], messages }),
        commit({ commandId: 'first', messages }),
      ]
      for (const each of refusals) assert.notEqual((await events.commit(each)).verdict, 'stored')
      assert.deepEqual(await outbox.after(0, 100), [])
    },
  },
  {
    group,
    name: 'a commit that was answered has its messages there, and so have all before it',
    run: async ({ events, outbox }) => {
      const commits = oneTo(64).map(async (number) => {
        const [own] = await sends(events, messagesOf('a', [String(number)]))
        const numbers = (await outbox.after(0, 10_000)).map(({ commitNo }) => commitNo)
        assert.deepEqual(numbers, oneTo(numbers.length))
        assert.ok(numbers.length >= (own?.commitNo ?? Number.NaN))
      })
      await Promise.all(commits)
    },
  },
  {
    group,
    needs: 'durable',
    name: 'messages outlive the process',
    run: async ({ events, reopen }) => {
      const all = await sendsEach(events, [messagesOf('a', ['1', '2']), messagesOf('b', ['3'])])
      const { outbox } = await reopen()
      assert.deepEqual(await outbox.after(0, 100), all)
    },
  },
  {
    group,
    name: 'numbers that are none are refused',
    run: async ({ outbox }) => {
      const calls = [
        () => outbox.after(-1, 1),
        () => outbox.after(0.5, 1),
        () => outbox.after(0, 0),
        () => outbox.after(0, 10_001),
        () => outbox.due(-1, 1),
        () => outbox.due(1, 0),
        () => outbox.prune(Number.NaN, 1),
        () => outbox.prune(1, 10_001),
        () => outbox.requeue({}, -1),
        () => outbox.requeue([{ commitNo: 0, index: 0 }], 1),
        () => outbox.discard([{ commitNo: 1, index: -1 }]),
        () => outbox.resend({ fromPosition: 2, toPosition: 1 }, 1),
        () => outbox.resend({ fromPosition: -1, toPosition: 1 }, 1),
        () => outbox.list({}, { limit: 0 }),
      ]
      for (const call of calls) await assert.rejects(call, RangeError)
    },
  },
]
