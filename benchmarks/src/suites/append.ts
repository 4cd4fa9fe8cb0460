// The event store alone: EventStore.commit without a dispatch around it, with 1 and with 10 events in a commit.
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import type { BackendRuntime } from '@gesta/core/ports'
import { sqlite } from '@gesta/sqlite'
import { depositOf } from '../account.ts'
import { memoryRows } from '../limits/memory-rows.ts'
import { emptyStore, sqliteRows } from '../limits/sqlite-rows.ts'
import { uuidV7 } from '../limits/uuid-v7.ts'
import { compare, inLanes, timed } from '../measure.ts'
import type { Subject } from '../measure.ts'
import { rowOf } from '../row.ts'
import { onFile } from './commands.ts'
import type { Suite } from './suite.ts'

export const append: Suite = async function* ({ scratch, ...effort }) {
  const empty = await emptyStore(scratch)
  for (const concurrency of [1, 64]) {
    for (const eventsPerCommit of [1, 10]) {
      const shape = { batch: concurrency, eventsPerCommit }
      const name = `c${concurrency} events${eventsPerCommit}`
      const inMemory = await compare(
        () => appendSubject(memory(), concurrency, eventsPerCommit),
        () => memoryRows(shape),
        effort,
      )
      yield rowOf('append', `memory ${name}`, 'none', inMemory)
      const onDisk = await compare(
        () => onFile(scratch, (path) => appendSubject(sqlite(path), concurrency, eventsPerCommit)),
        () => sqliteRows(empty, scratch, shape),
        effort,
      )
      yield rowOf('append', `sqlite ${name}`, 'full', onDisk)
    }
  }
}

const runtime: BackendRuntime = {
  clock: {
    nowUs: () => Date.now() * 1000,
    monotonicUs: () => performance.now() * 1000,
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs)
      return { cancel: () => clearTimeout(timer) }
    },
  },
  ids: { newId: uuidV7, random: Math.random },
}

const none: readonly never[] = []

async function appendSubject(backend: Backend, concurrency: number, eventsPerCommit: number): Promise<Subject> {
  const store = await backend.open(runtime)
  const command = (index: number): Promise<unknown> => {
    const { accountId, pence, note } = depositOf(index)
    const event = { type: 'Account.Deposited', schemaVersion: 1, data: JSON.stringify({ pence, note }) }
    return store.events.commit({
      commandId: uuidV7(),
      tenant: '',
      context: '{}',
      recordedAt: Date.now() * 1000,
      streams: [
        {
          aggregateType: 'Account',
          aggregateId: accountId,
          expectation: 'any',
          events: Array.from({ length: eventsPerCommit }, () => event),
        },
      ],
      reads: none,
      header: {
        commandType: 'Account.Deposit',
        outcome: 'accepted',
        answer: undefined,
        version: undefined,
        fingerprint: undefined,
      },
      idempotency: undefined,
      messages: none,
      jobs: none,
      audit: none,
    })
  }
  return {
    run: (first, count) => inLanes(concurrency, first, count, command),
    time: (first, count, latenciesUs) => inLanes(concurrency, first, count, timed(latenciesUs, first, command)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
