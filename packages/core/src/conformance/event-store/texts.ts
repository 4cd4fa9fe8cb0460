// Exact texts: what was given is what is read, byte for byte; what cannot be kept exactly is refused before anything is stored.
import assert from 'node:assert/strict'
import { payloadBytesMax } from '../../codec/json.ts'
import { keyLengthMax } from '../../codec/key-text.ts'
import type { Commit } from '../../stores/commit.ts'
import { contextBytesMax } from '../../stores/event/check-context.ts'
import { commit, refused, stored, stream, tenant, wholeLog } from './given.ts'
import type { EventStoreCase } from './given.ts'

const group = 'texts'
const exactTexts: readonly string[] = [
  '{}',
  'null',
  '-0',
  '{"n":-0,"big":12345678901234567890,"e":1e400,"small":1.10}',
  '{"b":1,"a":2,"b":3}',
  '{ "spaces" : [ 1 , 2 ] }\n',
  String.raw`{"nul":"\u0000","lone":"\ud800","pair":"\ud83d\ude00","esc":"\"\\\/\b"}`,
  '{"emoji":"👩‍👩‍👧‍👦","astral":"𝒳","private":"\ue000","nfc":"\u00e9","nfd":"e\u0301","rtl":"שלום","line":"\u2028"}',
  JSON.stringify({ quote: "it's; DROP TABLE events; --", dollar: '$1 ${x} :name ?1 @p %s' }),
]
const oversized = JSON.stringify('x'.repeat(payloadBytesMax))
const invalidKeys: readonly [string, string][] = [
  ['empty', ''],
  ['too long', 'x'.repeat(keyLengthMax + 1)],
  ['NUL', 'a\0b'],
  ['lone surrogate', 'a\ud800'],
]
/** A commit for each place where a key stands. */
const placesOfKeys: readonly [string, (key: string) => Commit][] = [
  ['command id', (commandId) => commit({ commandId })],
  ['command type', (commandType) => commit({ commandType })],
  ['aggregate id', (id) => commit({ streams: [stream('a'), stream(id)] })],
  ['aggregate type', (type) => commit({ streams: [stream('a'), stream('b', 'any', ['1'], type)] })],
  ['event type', (type) => commit({ streams: [{ ...stream('a'), events: [{ type, schemaVersion: 1, data: '1' }] }] })],
  ['read condition', (aggregateId) => commit({ reads: [{ aggregateType: 'Order', aggregateId, version: 0 }] })],
  ['idempotency key', (key) => commit({ idempotency: { sender: 'alice', key, fingerprint: 'print' } })],
  ['message type', (type) => commit({ messages: [{ key: 'a', type, schemaVersion: 1, data: '1' }] })],
  ['message key', (key) => commit({ messages: [{ key, type: 'Order.Sent', schemaVersion: 1, data: '1' }] })],
  ['job type', (type) => commit({ jobs: [{ type, data: '1' }] })],
]

export const textCases: readonly EventStoreCase[] = [
  {
    group,
    name: 'data, context and answer come back exactly: escapes, -0, duplicate and unsorted keys, white space, any script',
    run: async ({ store }) => {
      for (const [index, text] of exactTexts.entries()) {
        const written = text.startsWith('{') ? text : `{ "written" : ${text} }`
        const streams = [stream(`s${index}`, 'any', [text, text])]
        const given = commit({ streams, context: written, answer: text })
        await stored(store, given)
        const events = await store.readStream({ tenant, aggregateType: 'Order', aggregateId: `s${index}` })
        assert.deepEqual(
          events.map(({ data, context }) => [data, context]),
          [
            [text, written],
            [text, written],
          ],
        )
        const header = await store.header(tenant, given.commandId)
        assert.deepEqual([header?.answer, header?.context], [text, written])
        assert.equal(
          (await store.commit(given).then((verdict) => (verdict.verdict === 'duplicate' ? verdict.header : undefined)))
            ?.answer,
          text,
        )
      }
      const log = await wholeLog(store)
      assert.deepEqual(
        log.map(({ data }) => data),
        exactTexts.flatMap((text) => [text, text]),
      )
    },
  },
  {
    group,
    name: 'keys come back exactly: any script, quotes, white space, the longest one',
    run: async ({ store }) => {
      const keys = [
        '👩‍👩‍👧‍👦',
        "it's",
        '"; --',
        ' a ',
        'A',
        'a',
        '\u00e9',
        'e\u0301',
        '\ue000',
        '𝒳',
        '%',
        '_',
        '\n',
        'x'.repeat(keyLengthMax),
        '漢'.repeat(keyLengthMax),
      ]
      for (const key of keys)
        await stored(
          store,
          commit({
            tenant: key,
            commandId: key,
            commandType: key,
            streams: [stream(key, 'noStream', ['1'], key)],
            idempotency: { sender: key, key, fingerprint: key },
          }),
        )
      for (const key of keys) {
        const [event] = await store.readStream({ tenant: key, aggregateType: key, aggregateId: key })
        assert.deepEqual(
          [event?.tenant, event?.aggregateType, event?.aggregateId, event?.commandId],
          [key, key, key, key],
        )
        const found = await store.headerByKey({ tenant: key, sender: key, commandType: key, key })
        assert.deepEqual(
          [found?.header.commandId, found?.header.tenant, found?.header.commandType, found?.fingerprint],
          [key, key, key, key],
        )
      }
    },
  },
  {
    group,
    name: 'a payload of exactly the limit is stored, counted in bytes; one byte more is refused, and nothing is stored',
    run: async ({ store }) => {
      const full = JSON.stringify('é'.repeat((payloadBytesMax - 2) / 2))
      assert.equal(Buffer.byteLength(full), payloadBytesMax)
      await stored(store, commit({ streams: [stream('full', 'any', [full, '1', full])] }))
      const events = await store.readStream({ tenant, aggregateType: 'Order', aggregateId: 'full' })
      assert.ok(events[0]?.data === full && events[2]?.data === full)
      await refused(store.commit(commit({ streams: [stream('over', 'any', ['1', `${full} `])] })), 'payload_too_large')
      await refused(store.commit(commit({ answer: oversized })), 'payload_too_large')
      await refused(
        store.commit(commit({ messages: [{ key: 'a', type: 'Order.Sent', schemaVersion: 1, data: oversized }] })),
        'payload_too_large',
      )
      assert.equal(await store.head(), 3)
      assert.equal((await stored(store, commit())).commitNo, 2)
    },
  },
  {
    group,
    name: 'a context that is no JSON object or over its limit is refused, nothing is stored, and lists go on',
    run: async ({ store }) => {
      const full = JSON.stringify({ account: 'é'.repeat((contextBytesMax - 14) / 2) })
      const deep = (levels: number): string => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
      for (const context of [`${full} `, JSON.stringify({ a: 'x'.repeat(payloadBytesMax / 2) })])
        await refused(store.commit(commit({ context, streams: [stream('a')] })), 'payload_too_large')
      for (const context of ['', 'null', '1', '"text"', '[]', '{', '{}x', "{'a':1}", deep(101), deep(5000)])
        await refused(store.commit(commit({ context, streams: [stream('a')] })), 'invalid_output')
      assert.equal(await store.head(), 0)
      assert.equal(Buffer.byteLength(full), contextBytesMax)
      for (const context of [full, deep(100), ' {} ']) await stored(store, commit({ context, streams: [stream('a')] }))
      assert.equal(await store.total({ workspace: 'none', attributes: { a: 'b' } }), 0)
      assert.equal((await store.list({ from: 0 })).items[0]?.context, full)
    },
  },
  {
    group,
    name: 'a key that cannot be stored is refused wherever it stands, and nothing is stored',
    run: async ({ store }) => {
      for (const [, key] of invalidKeys)
        for (const [, given] of placesOfKeys) await refused(store.commit(given(key)), 'invalid_key')
      for (const [what, key] of invalidKeys)
        if (what !== 'empty') await refused(store.commit(commit({ tenant: key })), 'invalid_key')
      assert.equal(await store.head(), 0)
      assert.equal((await stored(store, commit())).commitNo, 1)
    },
  },
  {
    group,
    name: 'a payload that is no well-formed text is refused, and nothing is stored',
    run: async ({ store }) => {
      for (const text of ['"\ud800"', '"\0"']) {
        await refused(store.commit(commit({ streams: [stream('a', 'any', [text])] })), 'invalid_output')
        await refused(store.commit(commit({ answer: text })), 'invalid_output')
      }
      assert.equal((await stored(store, commit())).commitNo, 1)
    },
  },
  {
    group,
    name: 'a stream that is named twice, or has no events, is a mistake, and nothing is stored',
    run: async ({ store }) => {
      await assert.rejects(store.commit(commit({ streams: [stream('a'), stream('b'), stream('a')] })), /once/)
      await assert.rejects(store.commit(commit({ streams: [stream('a', 'any', [])] })), /at least one event/)
      assert.equal((await stored(store, commit())).commitNo, 1)
    },
  },
]
