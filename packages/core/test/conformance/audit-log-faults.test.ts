// The suite of the audit log finds what it is for: backends with one fault each, and the group of cases that must catch it.
import assert from 'node:assert/strict'
import test from 'node:test'
import { auditLogSuite } from '../../src/conformance/audit-log/index.ts'
import type { AuditPorts } from '../../src/conformance/audit-log/index.ts'
import type { AuditLog, StoredAuditEntry } from '../../src/stores/audit/audit-log.ts'
import { chainHash } from '../../src/stores/audit/chain.ts'
import type { Commit } from '../../src/stores/commit.ts'
import type { EventStore } from '../../src/stores/event/event-store.ts'
import { memory } from '../../src/stores/memory-backend.ts'
import type { Page } from '../../src/stores/store.ts'
import { runtime } from '../stores/runtime.ts'

interface Faulty {
  readonly log?: Partial<AuditLog>
  readonly events?: Partial<EventStore>
}
type Fault = (ports: AuditPorts) => Faulty

/** What is read is not what lies in the log. */
const showing =
  (shown: (entry: StoredAuditEntry) => StoredAuditEntry): Fault =>
  ({ log }) => ({
    log: {
      read: async (asked) => (await log.read(asked)).map(shown),
      list: async (filter, page) => {
        const { items, ...rest } = await log.list(filter, page)
        return { ...rest, items: items.map(shown) }
      },
    },
  })
/** Commits that become others before they are stored. */
const storing =
  (change: (commit: Commit) => Commit): Fault =>
  ({ events }) => ({ events: { commit: (commit, options) => events.commit(change(commit), options) } })

const faults: { readonly [group: string]: { readonly [fault: string]: Fault } } = {
  chaining: {
    'a commit loses its second entry': storing((commit) => ({ ...commit, audit: commit.audit.slice(0, 1) })),
    'data is written anew': storing((commit) => ({
      ...commit,
      audit: commit.audit.map((entry) => ({ ...entry, data: JSON.stringify(JSON.parse(entry.data)) })),
    })),
    'an empty actor becomes a word': showing((entry) => ({
      ...entry,
      actor: entry.actor === '' ? 'null' : entry.actor,
    })),
    'a hash has nothing of the one before': showing((entry) => ({ ...entry, hash: chainHash(entry, '') })),
    'the index counts from 1': showing((entry) => ({ ...entry, index: entry.index + 1 })),
    'the time is rounded': showing((entry) => ({ ...entry, recordedAt: Math.floor(entry.recordedAt / 1_000) * 1_000 })),
    'tenants share a chain': ({ log }) => ({
      log: {
        read: async (asked) => log.read({ ...asked, tenant: asked.tenant === 'other' ? 'tenant-1' : asked.tenant }),
      },
    }),
    'heads are in the order of UTF-16': ({ log }) => ({
      log: { heads: async (page) => [...(await log.heads(page))].sort((a, b) => (a.tenant < b.tenant ? -1 : 1)) },
    }),
    'a refused commit leaves its entry': ({ events }) => ({
      events: {
        commit: async (commit, options) => {
          const verdict = await events.commit(commit, options)
          if (verdict.verdict === 'conflict')
            await events.commit({ ...commit, commandId: `${commit.commandId}-again`, streams: [], reads: [] })
          return verdict
        },
      },
    }),
    'the parts of a command lack it': ({ events }) => ({
      events: {
        parts: async (tenant, commandId) => {
          const parts = await events.parts(tenant, commandId)
          return parts && { ...parts, audit: [] }
        },
      },
    }),
  },
  listing: {
    'an actor is not looked at': ({ log }) => ({
      log: { list: (filter, page) => log.list({ ...filter, actor: undefined }, page) },
    }),
    'an empty resource is none': ({ log }) => ({
      log: { list: (filter, page) => log.list({ ...filter, resource: filter.resource || undefined }, page) },
    }),
    'a time range has its end': ({ log }) => ({
      log: { list: ({ to, ...filter }, page) => log.list({ ...filter, to: to === undefined ? to : to + 1 }, page) },
    }),
    'the total is that of all': ({ log }) => ({ log: { total: () => log.total() } }),
    'the order is that of times': ({ log }) => ({
      log: {
        list: async (filter, page) => {
          const found = await log.list(filter, page)
          return { ...found, items: found.items.toSorted((a, b) => a.recordedAt - b.recordedAt) }
        },
      },
    }),
    'a cursor is a number of entries': ({ log }) => ({
      log: {
        list: async (filter, { cursor, offset = 0, ...page } = {}) => {
          const start = cursor === undefined ? offset : Number(cursor)
          const { cursor: next, ...found }: Page<StoredAuditEntry> = await log.list(filter, { ...page, offset: start })
          return next === undefined ? found : { ...found, cursor: `${start + found.items.length}` }
        },
      },
    }),
  },
  reading: {
    'a read begins with the entry that was named': ({ log }) => ({
      log: { read: (asked) => log.read({ ...asked, after: Math.max(0, asked.after - 1) }) },
    }),
    'a page has more than was allowed': ({ log }) => ({
      log: { read: (asked) => log.read({ ...asked, limit: asked.limit && Math.min(10_000, asked.limit * 2) }) },
    }),
    'an entry that is too large for a page is left out': ({ log }) => ({
      log: { read: async (asked) => (await log.read(asked)).filter(({ data }) => data.length < 200_000) },
    }),
    'heads begin with the tenant that was named': ({ log }) => ({
      log: {
        heads: async ({ after, limit } = {}) =>
          (await log.heads({ limit: 10_000 }))
            .filter(({ tenant }) => after === undefined || tenant >= after)
            .slice(0, limit),
      },
    }),
    'a closed log still answers': () => ({ events: { [Symbol.asyncDispose]: async () => undefined } }),
  },
  lasting: {
    'emptying the events empties the chains': ({ events, log }) => {
      let isEmpty = false
      return {
        events: { reset: () => events.reset().then(() => void (isEmpty = true)) },
        log: { read: async (asked) => (isEmpty ? [] : log.read(asked)) },
      }
    },
    'a change of an event leaves its entry with the event': ({ events }) => ({
      events: {
        rewrite: (asked) => events.rewrite({ ...asked, record: { ...asked.record, tenant: asked.tenant } }),
      },
    }),
  },
}

/** The behaviours of a group that a backend with this fault does not show. */
async function missed(group: string, fault: Fault): Promise<readonly string[]> {
  const failed: string[] = []
  for (const { name, run, ...each } of auditLogSuite.cases) {
    if (each.group !== group || each.needs === 'durable') continue
    await using sound = await memory({ allowRewriting: true }).open(runtime)
    const faulty = fault({ log: sound.audit, events: sound.events })
    const ports: AuditPorts = {
      log: { ...sound.audit, ...faulty.log },
      events: {
        ...sound.events,
        get identity() {
          return sound.events.identity
        },
        ...faulty.events,
      },
    }
    const close = async (): Promise<void> => ports.events[Symbol.asyncDispose]()
    await run({ ...ports, reopen: async () => ports, close }).catch(() => failed.push(name))
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
