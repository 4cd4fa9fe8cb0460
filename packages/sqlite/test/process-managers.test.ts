// What a process manager sends is decided once, also when the process that sends it is killed again and again.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StoredEvent } from '@gesta/core/ports'
import { sqlite } from '../src/index.ts'
import { runChild } from './children/run.ts'
import { newStore } from './commits.ts'
import { place, processApp } from './process-app.ts'

test(
  'every command and every deadline of a process is there once after four SIGKILLs',
  { timeout: 120_000 },
  async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `o-${index}`)
    await using store = await newStore()
    {
      await using shop = await processApp().start({ store: sqlite(store.path), role: 'web' })
      for (const id of ids) await shop.dispatch(place({ id }))
    }
    for (const linesMax of [1, 10, 20, 40]) {
      await using child = runChild('process.ts', store.path)
      let seen = 0
      for await (const _ of child.lines) if (++seen === linesMax) child.process.kill('SIGKILL')
    }
    await using app = await processApp().start({ store: sqlite(store.path), jobs: { leaseMs: 300 } })
    const isOver = async (id: string): Promise<boolean> =>
      (await app.processManagers.get({ processManager: 'Order.Closing', key: id })).isOver
    for (const id of ids) while (!(await isOver(id))) await sleep(20)
    const unfinished = { states: ['scheduled', 'pending', 'running', 'retry_scheduled', 'waiting'] } as const
    while ((await app.jobs.total(unfinished)) > 0) await sleep(20)
    await app[Symbol.asyncDispose]()
    await using backend = await store.open()
    const log: StoredEvent[] = []
    for (let after = 0; ; after = log.length) {
      const page = await backend.events.readAll({ after })
      if (page.length === 0) break
      log.push(...page)
    }
    const of = (type: string): readonly string[] =>
      log.filter((stored) => stored.type === type).map(({ aggregateId }) => aggregateId)
    for (const type of ['Order.Placed', 'Order.Confirmed', 'Order.Closed'])
      assert.deepEqual(of(type).toSorted(), ids.toSorted(), type)
  },
)
