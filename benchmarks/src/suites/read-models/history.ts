// The history of an aggregate with a hundred events, on SQLite: asked for by a handler, beside the statement alone.
import { sqlite } from '@gesta/sqlite'
import { bareHistories } from '../../limits/bare-history.ts'
import { compare, inLanes, timed } from '../../measure.ts'
import type { Effort, Subject } from '../../measure.ts'
import { eventsPerStream, itemsOfHistory, startMoves, streamOf } from '../../moves.ts'
import { rowOf } from '../../row.ts'
import type { Row } from '../../row.ts'

export async function* histories(path: string, events: number, effort: Effort): AsyncIterable<Row> {
  const compared = await compare(
    () => askedHistories(path, events),
    () => bareHistories(path, events),
    effort,
  )
  yield rowOf('read-models', `sqlite history of ${eventsPerStream} events, ${events} in the store`, 'full', compared)
}

async function askedHistories(path: string, events: number): Promise<Subject> {
  const app = await startMoves(sqlite(path), { views: 0 })
  const ask = async (index: number): Promise<void> => {
    const items = await app.query(itemsOfHistory({ id: streamOf(events, index), limit: eventsPerStream }))
    if (items !== eventsPerStream) throw new Error(`Expected ${eventsPerStream} items, ${items} came.`)
  }
  return {
    run: (first, count) => inLanes(1, first, count, ask),
    time: (first, count, latenciesUs) => inLanes(1, first, count, timed(latenciesUs, first, ask)),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
