// Records in the database of the events, 64 callers: the engine's append beside the same rows written by hand, and what a record adds to
// a whole command, beside the header alone.
import { postgres } from '@gesta/postgres'
import { startPostgres } from '@gesta/services'
import { sqlite } from '@gesta/sqlite'
import { postgresRows } from '../../limits/postgres-rows.ts'
import { emptyStore, sqliteRows } from '../../limits/sqlite-rows.ts'
import { compare } from '../../measure.ts'
import type { Effort, Subject } from '../../measure.ts'
import { rowOf, withOverhead } from '../../row.ts'
import type { Row } from '../../row.ts'
import { accountsSubject } from '../accounts-subject.ts'
import { appendSubject } from '../append.ts'
import { onFile } from '../commands.ts'
import { dropping, lastingServer } from '../postgres.ts'
import type { Suite } from '../suite.ts'
import { headersAlone } from './overhead.ts'

const callers = 64

export const sameDatabase: Suite = async function* ({ scratch, ...effort }) {
  const empty = await emptyStore(scratch)
  const shape = { batch: callers, eventsPerCommit: 1, hasRecord: true }
  yield* onDatabase('sqlite', effort, {
    append: () => onFile(scratch, (path) => appendSubject(sqlite(path), callers, 1, true)),
    rows: () => sqliteRows(empty, scratch, shape),
    commands: (options) => onFile(scratch, (path) => accountsSubject(sqlite(path), callers, false, options)),
  })

  await using server = await startPostgres(lastingServer)
  const { url } = server
  let made = 0
  const freshSchema = (): string => `same_${++made}`
  const onSchema = async (open: (store: ReturnType<typeof postgres>) => Promise<Subject>): Promise<Subject> => {
    const schema = freshSchema()
    return dropping(url, schema, await open(postgres({ url, schema })))
  }
  yield* onDatabase('postgres', effort, {
    append: () => onSchema((store) => appendSubject(store, callers, 1, true)),
    rows: () => postgresRows(url, freshSchema(), callers, true),
    commands: (options) => onSchema((store) => accountsSubject(store, callers, false, options)),
  })
}

interface Sides {
  append(): Promise<Subject>
  rows(): Promise<Subject>
  commands(options: Partial<typeof headersAlone>): Promise<Subject>
}

async function* onDatabase(store: string, effort: Effort, { append, rows, commands }: Sides): AsyncIterable<Row> {
  yield rowOf('command-log', `${store} append with records c64`, 'full', await compare(append, rows, effort))
  const increment = await compare(
    () => commands({}),
    () => commands(headersAlone),
    effort,
  )
  yield withOverhead(rowOf('command-log', `${store} commands c64, records beside headers alone`, 'full', increment))
}
