// The event store alone: EventStore.commit without a dispatch around it, with 1 and with 10 events in a commit.
import { memory } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { sqlite } from '@gesta/sqlite'
import { depositCommit, storeRuntime } from '../deposit-commit.ts'
import { memoryRows } from '../limits/memory-rows.ts'
import { emptyStore, sqliteRows } from '../limits/sqlite-rows.ts'
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

export async function appendSubject(
  backend: Backend,
  concurrency: number,
  eventsPerCommit: number,
  hasRecord = false,
): Promise<Subject> {
  const store = await backend.open(storeRuntime)
  const command = (index: number): Promise<unknown> =>
    store.events.commit(depositCommit(index, eventsPerCommit, undefined, hasRecord))
  return {
    run: (first, count) => inLanes(concurrency, first, count, command),
    time: (first, count, latenciesUs) => inLanes(concurrency, first, count, timed(latenciesUs, first, command)),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
