// What is kept of one command: every field, exactly, whatever its outcome, up to the limits.
import assert from 'node:assert/strict'
import { recordLimits } from '../../stores/command-log/command-record.ts'
import { badKeys, refused } from '../refused.ts'
import { checkLists, command, endings, everyRecord, fullRecord, oneTo, tenant, variedRecords } from './given.ts'
import type { CommandLogCase, GivenCommandLog } from './given.ts'

const group = 'keeping'

/** Insists that records are found one by one and in the list, field by field. */
async function checkKept({ log, record }: GivenCommandLog, given: Parameters<GivenCommandLog['record']>[0]) {
  const kept = await record(given)
  for (const each of kept) assert.deepEqual(await log.get(each.tenant, each.commandId), each)
  assert.deepEqual(await everyRecord(log, { order: 'oldest' }), kept)
  return kept
}

export const keepingCases: readonly CommandLogCase[] = [
  {
    group,
    name: 'a command is found with every field, however it ended',
    run: async (given) => {
      await checkKept(
        given,
        endings.map((status) => fullRecord(`full-${status}`, status)),
      )
      for (const status of endings) assert.equal(await given.log.total({ statuses: [status] }), 1)
    },
  },
  {
    group,
    name: 'a command without metadata, error, events and payload is found without them',
    run: async (given) => {
      const [kept] = await checkKept(given, [command({ payload: undefined, durationUs: 0 })])
      assert.deepEqual([kept?.metadata, kept?.events, kept?.messages, kept?.truncated], [{}, [], [], []])
    },
  },
  {
    group,
    name: 'an empty payload stays what it was: nothing, null, an empty object, an empty list, an empty text',
    run: async (given) => {
      await checkKept(
        given,
        [undefined, 'null', '{}', '[]', '""', '0', 'false'].map((payload) => command({ payload })),
      )
    },
  },
  {
    group,
    name: 'a payload of 1 MiB is kept to the last byte, of one-byte and of other characters',
    run: async (given) => {
      const bytes = recordLimits.payloadBytes - 2
      const payloads = ['x'.repeat(bytes), 'é'.repeat(bytes / 2), 'xx😀'.repeat(bytes / 6) + 'x'.repeat(bytes % 6)]
      const large = payloads.map((text) => command({ payload: JSON.stringify(text) }))
      for (const { payload = '' } of large) assert.equal(Buffer.byteLength(payload), recordLimits.payloadBytes)
      await checkKept(given, [...large, command()])
      assert.equal((await everyRecord(given.log, {}, { limit: 2 })).length, 4)
    },
  },
  {
    group,
    name: 'a piece of a payload is kept as it is, with the mark that it is one',
    run: async (given) => {
      const payload = '{"text":"begun, but not en'
      const [kept] = await checkKept(given, [command({ payload, truncated: ['payload'] })])
      assert.deepEqual([kept?.payload, kept?.truncated], [payload, ['payload']])
    },
  },
  {
    group,
    name: 'texts come back character by character',
    run: async (given) => {
      const texts = ['"\'`\\', '%_?$1:;--/*', 'ключ 鍵 🔑 é é', ' \t\n\r\u2028', '\u0000 \ud800 \u007f']
      await checkKept(
        given,
        texts.map((text) =>
          command({
            // Escaped in JSON, as every NUL and lone surrogate of a payload is.
            payload: JSON.stringify({ text, [text]: text }),
            context: `{ "correlationId" : "c", "attributes": {"note":${JSON.stringify(text)}}, "attributes": {} }`,
          }),
        ),
      )
      const words = texts.slice(0, -1)
      const more = words.map((text) =>
        command({
          tenant: 'words',
          idempotencyKey: `key ${text}`,
          metadata: { [text]: text, toString: text, ['__proto__']: text },
          error: { code: 'failed', message: text },
          permission: { asked: text, allowed: false, reason: text },
          redacted: [text],
        }),
      )
      const kept = await given.record(more)
      for (const each of kept) assert.deepEqual(await given.log.get('words', each.commandId), each)
    },
  },
  {
    group,
    name: 'numbers of a payload keep their digits',
    run: async (given) => {
      const payload = '{"b":1.0,"a":-0,"long":12345678901234567890.123456789,"tiny":1e-400,"a":2}'
      await checkKept(given, [command({ payload, durationUs: Number.MAX_SAFE_INTEGER, retries: 1_000_000 })])
    },
  },
  {
    group,
    name: 'metadata of 256 names and an error of 8,192 characters are kept',
    run: async (given) => {
      const { metadataKeys, metadataLength, errorLength } = recordLimits
      const names = oneTo(metadataKeys).map((number) => [`name-${number}`, `value ${number}`] as const)
      const metadata = { ...Object.fromEntries(names), 'name-1': 'é'.repeat(metadataLength) }
      const long = 'n'.repeat(metadataLength)
      const message = '€'.repeat(errorLength)
      const [kept] = await checkKept(given, [
        command({ status: 'failed', metadata, error: { code: 'handler_failed', message } }),
        command({ metadata: { [long]: long } }),
      ])
      assert.equal(Object.keys(kept?.metadata ?? {}).length, metadataKeys)
    },
  },
  {
    group,
    name: 'a command is found by tenant and id; another tenant, and an id that nothing has, find none',
    run: async ({ log, record }) => {
      for (const each of await record(variedRecords())) {
        assert.deepEqual(await log.get(each.tenant, each.commandId), each)
        assert.equal(await log.get('other', each.commandId), undefined)
      }
      assert.equal(await log.get('left', 'missing'), undefined)
      await refused(
        'invalid_key',
        badKeys.flatMap((bad) => [log.get('left', bad), ...(bad === '' ? [] : [log.get(bad, 'a')])]),
      )
    },
  },
  {
    group,
    name: 'the log tells its port and how many commands it holds, and nothing of them',
    run: async ({ log, record }) => {
      assert.equal((await log.info()).items, 0)
      await record([command({ context: '{"identity":"hidden-text"}', payload: '"hidden-text"' })])
      const info = await log.info()
      assert.deepEqual([info.store, info.items, info.readOnly], ['command-log', 1, false])
      assert.ok(!JSON.stringify(info).includes('hidden-text'))
    },
  },
  {
    group,
    needs: 'durable',
    name: 'everything is found again after the log was opened again',
    run: async ({ record, reopen }) => {
      const kept = await record(variedRecords())
      const log = await reopen()
      await checkLists(log, kept, { correlationId: 'command-a5' })
      await checkLists(log, kept, {}, 10)
    },
  },
  {
    group,
    name: 'a closed log refuses every call',
    run: async ({ log, record, close }) => {
      const [kept] = await record([command()])
      await close()
      await refused('store_closed', [
        log.get(tenant, kept?.commandId ?? ''),
        log.list({}),
        log.total(),
        log.redact(tenant, 'a'),
        log.purge({ before: 1 }),
        log.info(),
      ])
    },
  },
]
