// The suite of the command log finds what it is for: logs with one fault each, and the group of cases that must catch it.
import assert from 'node:assert/strict'
import test from 'node:test'
import { commandLogStoreSuite } from '../../src/conformance/command-log/index.ts'
import type { CommandLogStore } from '../../src/stores/command-log/command-log-store.ts'
import type { CommandRecord } from '../../src/stores/command-log/command-record.ts'
import { memoryCommandLog } from '../../src/stores/command-log/memory-command-log-store.ts'
import type { Page } from '../../src/stores/store.ts'
import { runtime } from '../stores/runtime.ts'

type Fault = (log: CommandLogStore) => Partial<CommandLogStore>

/** Records that become others before they are kept. */
const keeping =
  (change: (record: CommandRecord) => CommandRecord): Fault =>
  (log) => ({ record: async (records) => log.record(records.map(change)) })

/** What is read is not what lies in the log. */
const showing =
  (shown: (record: CommandRecord) => CommandRecord): Fault =>
  (log) => ({
    get: async (tenant, commandId) => {
      const record = await log.get(tenant, commandId)
      return record && shown(record)
    },
    list: async (filter, page) => {
      const { items, ...rest } = await log.list(filter, page)
      return { ...rest, items: items.map(shown) }
    },
  })

/** A log in which a later record of a command takes the place of an earlier one, where `wins` says so. */
const overwriting =
  (wins: (before: CommandRecord, record: CommandRecord) => boolean): Fault =>
  (log) => {
    const last = new Map<string, CommandRecord>()
    const keyOf = ({ tenant, commandId }: CommandRecord): string => `${tenant}\0${commandId}`
    return {
      ...showing((record) => last.get(keyOf(record)) ?? record)(log),
      record: async (records) => {
        await log.record(records)
        for (const record of records) {
          const before = last.get(keyOf(record))
          if (before === undefined || wins(before, record)) last.set(keyOf(record), record)
        }
      },
    }
  }

const faults: { readonly [group: string]: { readonly [fault: string]: Fault } } = {
  keeping: {
    'a field is lost': keeping((record) => ({ ...record, permission: undefined })),
    'a piece of a payload loses its mark': keeping((record) => ({ ...record, truncated: [] })),
    'a payload is written anew': keeping((record) => {
      if (record.payload === undefined || record.truncated.includes('payload')) return record
      return { ...record, payload: JSON.stringify(JSON.parse(record.payload)) }
    }),
    'an absent payload becomes null': showing((record) => ({ ...record, payload: record.payload ?? 'null' })),
    'a large payload loses its last byte': keeping((record) => ({
      ...record,
      payload: record.payload?.slice(0, 1_000_000),
    })),
    'a long error is cut': keeping(({ error, ...record }) => ({
      ...record,
      error: error && { ...error, message: error.message.slice(0, 8_191) },
    })),
    'a closed log still answers': () => ({ [Symbol.asyncDispose]: async () => undefined }),
  },
  listing: {
    'a sender is not looked at': (log) => ({
      list: (filter, page) => log.list({ ...filter, sender: undefined }, page),
    }),
    'a time range has its end': (log) => ({
      list: ({ to, ...filter }, page) => log.list({ ...filter, to: to === undefined ? to : to + 1 }, page),
    }),
    'tenants mix': (log) => ({ list: (filter, page) => log.list({ ...filter, tenant: undefined }, page) }),
    'the total is that of all': (log) => ({ total: () => log.total() }),
    'a page has more than was allowed': (log) => ({
      list: (filter, { limit = 100, ...page } = {}) => log.list(filter, { ...page, limit: Math.min(limit, 10_000) }),
    }),
    'a cursor is a number of records': (log) => ({
      list: async (filter, { cursor, offset = 0, ...page } = {}) => {
        const start = cursor === undefined ? offset : Number(cursor)
        const { cursor: next, ...found }: Page<CommandRecord> = await log.list(filter, { ...page, offset: start })
        return next === undefined ? found : { ...found, cursor: `${start + found.items.length}` }
      },
    }),
    'the order is that of times': (log) => ({
      list: async (filter, page) => {
        const found = await log.list(filter, page)
        const sign = filter.order === 'oldest' ? 1 : -1
        return { ...found, items: found.items.toSorted((a, b) => sign * (a.recordedAt - b.recordedAt)) }
      },
    }),
  },
  chains: {
    'the command that began a chain is missing': (log) => ({
      list: async (filter, page) => {
        const found = await log.list(filter, page)
        return { ...found, items: found.items.filter(({ commandId }) => commandId !== filter.correlationId) }
      },
    }),
  },
  crowds: {
    'what was acknowledged is stored later': (log) => {
      let last: readonly CommandRecord[] = []
      return {
        record: async (records) => {
          const before = last
          last = records
          await log.record(before)
        },
      }
    },
  },
  forgetting: {
    'metadata outlive a redaction': (log) => ({
      redact: async (tenant, commandId) => (await log.get(tenant, commandId)) !== undefined,
    }),
    'a purge takes every tenant': (log) => ({ purge: (request) => log.purge({ ...request, tenant: undefined }) }),
    'a purge takes all at once': (log) => ({ purge: (request) => log.purge({ ...request, limit: undefined }) }),
    'a purge counts and takes nothing': (log) => ({ purge: async ({ before }) => log.total({ to: before }) }),
  },
  recording: {
    'the last outcome stays': overwriting(() => true),
    'a late begin replaces the outcome': overwriting((_, { status }) => status === 'started'),
    'an outcome does not replace the begin': overwriting(({ status }) => status !== 'started'),
    'a purge takes what has not ended': (log) => ({
      purge: ({ statuses, ...request }) => log.purge({ ...request, statuses: statuses ?? ['started', 'accepted'] }),
    }),
    'a record over its limits is taken': (log) => ({
      record: (records) => log.record(records).catch((cause: unknown) => assert.ok(cause instanceof RangeError)),
    }),
    'the last of a batch is lost': (log) => ({ record: (records) => log.record(records.slice(0, 1_999)) }),
  },
  histories: {
    'the last outcome stays': overwriting(() => true),
    'a purge takes what is as old as its time': (log) => ({
      purge: ({ before, ...request }) => log.purge({ ...request, before: before + 1 }),
    }),
  },
}

/** The behaviours of a group that a log with this fault does not show. */
async function missed(group: string, fault: Fault): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { name, run, ...each } of commandLogStoreSuite.cases) {
    if (each.group !== group || each.needs !== undefined) continue
    await using sound = await memoryCommandLog().open(runtime)
    const log: CommandLogStore = { ...sound, ...fault(sound) }
    const record = async (records: readonly CommandRecord[]) => {
      await log.record(records)
      return records
    }
    const again = async () => log
    const close = async () => log[Symbol.asyncDispose]()
    await run({ log, record, reopen: again, another: again, close }).catch(() => failed.push(name))
  }
  return failed
}

for (const [group, planted] of Object.entries(faults)) {
  test(`${group}: a log without a fault fails no case`, async () => {
    assert.deepEqual(await missed(group, () => ({})), [])
  })
  for (const [name, fault] of Object.entries(planted))
    test(`${group}: it is found that ${name}`, async () => {
      assert.notDeepEqual(await missed(group, fault), [])
    })
}
