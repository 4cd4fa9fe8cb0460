// The steps at which the crash harness ends a process lie where they say: before the end of the transaction nothing is left, and
// behind it everything.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { verifyAuditLog } from '@gesta/core'
import { crashing } from '@gesta/core/testing'
import type { CrashStep } from '@gesta/core/testing'
import { sqlite } from '../src/index.ts'
import { runChild } from './children/run.ts'
import { auditEntry, commitOf, newStore, tenant } from './commits.ts'

const steps: readonly { readonly step: CrashStep; readonly answers: readonly string[]; readonly isStored: boolean }[] =
  [
    { step: 'begun', answers: [], isStored: false },
    { step: 'checked', answers: [], isStored: false },
    { step: 'inserted', answers: [], isStored: false },
    { step: 'committing', answers: [], isStored: false },
    { step: 'committed', answers: [], isStored: true },
    { step: 'checkpointing', answers: ['stored'], isStored: true },
  ]

describe('a process that ends', { concurrency: 2 }, () => {
  for (const { step, answers, isStored } of steps) {
    test(`at "${step}" leaves ${isStored ? 'the whole commit' : 'nothing'}`, async () => {
      await using store = await newStore()
      await using child = runChild('crash.ts', store.path, step)
      const ended = once(child.process, 'exit')
      const lines: string[] = []
      for await (const line of child.lines) lines.push(line)
      assert.deepEqual((await ended)[1], 'SIGKILL')
      assert.deepEqual(lines, answers)
      await using backend = await store.open()
      assert.equal((await backend.events.header(tenant, 'c')) !== undefined, isStored)
      assert.equal(await backend.events.head(), isStored ? 1 : 0)
      // The audit entries of the commit are there with it, and the next ones follow them.
      await backend.events.commit(commitOf('d', 'a', { audit: [auditEntry('A.D')] }))
      const chain = await backend.audit.read({ tenant, after: 0 })
      assert.deepEqual(
        chain.map(({ action }) => action),
        isStored ? ['A.B', 'A.C', 'A.D'] : ['A.D'],
      )
      assert.deepEqual((await verifyAuditLog(backend.audit)).breaks, [])
    })
  }
})

test('a crash point is a step that the store has, and a time that comes', () => {
  assert.throws(() => sqlite('a.db', crashing({}, { step: 'sent', after: 1 })), /no step "sent" to crash at/)
  for (const after of [0, -1, 1.5]) assert.throws(() => crashing({}, { step: 'begun', after }), /whole number from 1/)
})
