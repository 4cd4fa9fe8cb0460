// The ten records of one correlation in a log of five million, on the databases that keep records with events.
import { join } from 'node:path'
import type { Backend } from '@gesta/core'
import { postgres } from '@gesta/postgres'
import { startPostgres } from '@gesta/services'
import { sqlite } from '@gesta/sqlite'
import { recordsPerCorrelation } from '../../command-records.ts'
import { storeRuntime } from '../../deposit-commit.ts'
import { bareCorrelationsFile, bareCorrelationsServer } from '../../limits/bare-correlations.ts'
import type { BareCorrelations } from '../../limits/bare-correlations.ts'
import { loadCommandsFile, loadCommandsServer } from '../../limits/load-commands.ts'
import { compare } from '../../measure.ts'
import type { Effort } from '../../measure.ts'
import { rowOf } from '../../row.ts'
import type { Row } from '../../row.ts'
import { newFolder } from '../../scratch.ts'
import { lastingServer } from '../postgres.ts'
import type { Suite } from '../suite.ts'
import { finding, warmUpQuestions } from './finding.ts'

export const longLogs: Suite = async function* ({ scratch, loggedCommands, ...effort }) {
  const path = join(newFolder(scratch), 'commands.db')
  await make(sqlite(path))
  loadCommandsFile(path, loggedCommands)
  yield await inLog('sqlite', sqlite(path), bareCorrelationsFile(path), loggedCommands, effort)

  await using server = await startPostgres(lastingServer)
  const place = { url: server.url, schema: 'commands' }
  await make(postgres(place))
  await loadCommandsServer(place.url, place.schema, loggedCommands)
  const limit = await bareCorrelationsServer(place.url, place.schema)
  yield await inLog('postgres', postgres(place), limit, loggedCommands, effort)
}

/** Opened once, a store has its schema. */
async function make(backend: Backend): Promise<void> {
  await (await backend.open(storeRuntime))[Symbol.asyncDispose]()
}

async function inLog(
  name: string,
  backend: Backend,
  bare: BareCorrelations,
  commands: number,
  effort: Effort,
): Promise<Row> {
  await using limit = bare
  await using store = await backend.open(storeRuntime)
  const found = async (correlationId: string): Promise<number> =>
    (await store.commandLog.list({ correlationId }, { limit: recordsPerCorrelation })).items.length
  const correlations = commands / recordsPerCorrelation
  const compared = await compare(
    async () => finding(found, correlations),
    async () => finding(limit.find, correlations),
    effort,
    warmUpQuestions,
  )
  return rowOf(
    'command-log',
    `${name} commits, correlation of ${recordsPerCorrelation} in ${commands}`,
    'full',
    compared,
  )
}
