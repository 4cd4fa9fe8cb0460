// An exchange that is cut is kept as a whole or not at all; what a killed worker held is another one's
// as soon as a process has opened the store again.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import type { JobState } from '@gesta/core/ports'
import type { CrashStep } from '@gesta/core/testing'
import { runChild } from './children/run.ts'
import { commitOf, newStore, tenant } from './commits.ts'

interface Cut {
  readonly step: CrashStep
  /** Which one of its kind, and in which of the two exchanges that is. */
  readonly after: number
  readonly during: 'claim' | 'end'
  readonly left: JobState
}
const cuts: readonly Cut[] = [
  { step: 'begun', after: 1, during: 'claim', left: 'pending' },
  { step: 'inserted', after: 1, during: 'claim', left: 'pending' },
  { step: 'committing', after: 1, during: 'claim', left: 'pending' },
  { step: 'committed', after: 1, during: 'claim', left: 'running' },
  { step: 'begun', after: 2, during: 'end', left: 'running' },
  { step: 'inserted', after: 3, during: 'end', left: 'running' },
  { step: 'committing', after: 2, during: 'end', left: 'running' },
  { step: 'committed', after: 2, during: 'end', left: 'succeeded' },
]

describe('a process that ends', { concurrency: 2 }, () => {
  for (const { step, after, during, left } of cuts) {
    test(`at "${step}" of an exchange to ${during} leaves both jobs ${left}`, async () => {
      await using store = await newStore()
      {
        await using backend = await store.open()
        const job = { type: 'Order.Send', data: '{}' }
        await backend.events.commit(commitOf('c', 'a', { jobs: [job, job] }))
      }
      await using child = runChild('exchange.ts', store.path, step, String(after))
      const ended = once(child.process, 'exit')
      const lines: string[] = []
      for await (const line of child.lines) lines.push(line)
      assert.equal((await ended)[1], 'SIGKILL')
      assert.deepEqual(lines, during === 'claim' ? [] : ['claimed'])

      await using backend = await store.open()
      const { items } = await backend.jobs.list({})
      assert.deepEqual(
        items.map(({ state, attempt }) => [state, attempt]),
        Array.from({ length: 2 }, () => [left, left === 'pending' ? 0 : 1]),
      )
      const { claimed } = await backend.jobs.exchange({
        worker: 'next',
        leaseMs: 60_000,
        ends: [],
        reports: [],
        wishes: [{ queue: 'default', room: 10, types: ['Order.Send'] }],
      })
      const runs = { pending: 1, running: 2, succeeded: undefined }[left as string]
      assert.deepEqual(
        claimed.map(({ attempt }) => attempt),
        runs === undefined ? [] : [runs, runs],
      )
      const first = await backend.jobs.get(tenant, 'c', 0)
      assert.deepEqual(
        first?.story.failures.map(({ error, worker }) => [error, worker]),
        left === 'running' ? [['worker_lost', 'killed']] : [],
      )
    })
  }
})
