// Appends on PostgreSQL while a REPEATABLE READ transaction is held open for ten minutes, beside appends before it.
import { startPostgres } from '@gesta/services'
import pg from 'pg'
import { emptySchema } from '../limits/postgres-rows.ts'
import { startCommitters } from '../load/committers.ts'
import { rowOf } from '../row.ts'
import { lastingServer, perSec } from './postgres.ts'
import type { Suite } from './suite.ts'

const schema = 'old_snapshot'
/** Pieces that the time is cut into: the last one counts. */
const pieces = 10

export const oldSnapshot: Suite = async function* ({ oldSnapshotSeconds }) {
  await using server = await startPostgres(lastingServer)
  await emptySchema(server.url, schema)
  await using committers = await startCommitters(1, server.url, schema)
  const ms = (oldSnapshotSeconds * 1000) / pieces
  await committers.commit(ms)
  const before = perSec(await committers.commit(ms), ms)
  const reader = new pg.Client({ connectionString: server.url })
  await reader.connect()
  await reader.query(`BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM "${schema}".events`)
  let held = before
  for (let piece = 0; piece < pieces; piece++) held = perSec(await committers.commit(ms), ms)
  await reader.end()
  yield rowOf('old-snapshot', `postgres append c64, held ${oldSnapshotSeconds} s`, 'full', {
    perSec: held,
    limitPerSec: before,
    ratio: held / before,
    p50us: undefined,
    p99us: undefined,
  })
}
