// Read models: built from the start of the log, followed, and read.
import { startPostgres } from '@gesta/services'
import type { Row } from '../../row.ts'
import { lastingServer } from '../postgres.ts'
import type { Suite } from '../suite.ts'
import { gets } from './get.ts'
import { histories } from './history.ts'
import { lag } from './lag.ts'
import { memoryOf } from './memory.ts'
import { fileOfMoves, schemaOfMoves } from './moves-log.ts'
import type { LogPlace } from './moves-log.ts'
import { rebuilds, tenAtOnce } from './rebuild.ts'

/** Commands go on for so many times the seconds of a pass: 5 s by default, for each way of watching. */
const lagPasses = 20

export const readModels: Suite = async function* ({ scratch, viewEvents, fewEvents, rounds, seconds }) {
  const sizes = [fewEvents, fewEvents * 10, viewEvents].filter((events) => events <= viewEvents)
  const logsOf = async (make: (events: number) => Promise<LogPlace>): Promise<ReadonlyMap<number, LogPlace>> => {
    const logs = new Map<number, LogPlace>()
    for (const events of sizes) if (!logs.has(events)) logs.set(events, await make(events))
    return logs
  }
  const onLogs = async function* (logs: ReadonlyMap<number, LogPlace>): AsyncIterable<Row> {
    const place = logs.get(viewEvents)
    if (place === undefined) throw new Error(`Expected a log of ${viewEvents} events, none was made.`)
    yield* memoryOf(logs)
    yield* rebuilds(place, scratch, viewEvents, rounds)
    yield* tenAtOnce(place, rounds)
  }
  const files = await logsOf((events) => fileOfMoves(scratch, events))
  yield* onLogs(files)
  // Restores over several workers, beside one, have their place here.
  const file = files.get(viewEvents)
  if (file?.store === 'sqlite') yield* histories(file.path, viewEvents, { rounds, seconds })
  yield* lag(scratch, seconds * lagPasses * 1000)
  yield* gets({ rounds, seconds })
  await using server = await startPostgres(lastingServer)
  yield* onLogs(await logsOf((events) => schemaOfMoves(server.url, events)))
}
