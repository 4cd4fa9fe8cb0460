// Ways to keep the record of a command beside its header: one row each, in bare tables that differ in nothing else.
import { cborRecords } from '@gesta/core/cbor'
import { encodeDetail } from '@gesta/core/ports'
import type { CommandDetail, CommandRecord } from '@gesta/core/ports'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { depositDetail } from '../deposit-commit.ts'
import { newFolder } from '../scratch.ts'
import { uuidV7 } from './uuid-v7.ts'

export interface Layout {
  readonly name: string
  readonly columns: readonly string[]
  readonly type: 'TEXT' | 'BLOB'
  /** The columns are those of a second table, which has the number of the commit. */
  readonly isApart: boolean
  cells(detail: CommandDetail): readonly (string | Uint8Array)[]
}
const inRow = { type: 'TEXT', isApart: false } as const
const two = (detail: CommandDetail): readonly string[] => [encodeDetail(detail), detail.payload ?? '']
const asOne = (detail: CommandDetail): object => ({
  ...(JSON.parse(encodeDetail(detail)) as object),
  payload: detail.payload,
})

export const headerAlone: Layout = { ...inRow, name: 'header alone', columns: [], cells: () => [] }
export const layouts: readonly Layout[] = [
  { ...inRow, name: 'two columns', columns: ['detail', 'payload'], cells: two },
  { ...inRow, name: 'a second table', columns: ['detail', 'payload'], isApart: true, cells: two },
  { ...inRow, name: 'one text', columns: ['record'], cells: (detail) => [JSON.stringify(asOne(detail))] },
  {
    name: 'one column of bytes, CBOR',
    columns: ['record'],
    type: 'BLOB',
    isApart: false,
    cells: (detail) => [cborRecords.encode(asOne(detail) as CommandRecord)],
  },
]

/** Takes commits in groups, and says what it takes on the disk. */
export interface LaidOut extends AsyncDisposable {
  insert(first: number, count: number): Promise<void>
  bytes(): Promise<number>
}

function tables({ columns, type, isApart }: Layout, numberType: string, blobType: string): string {
  const cells = columns.map((column) => `, ${column} ${type === 'BLOB' ? blobType : 'TEXT'}`).join('')
  return `CREATE TABLE commits (commit_no ${numberType} PRIMARY KEY, tenant TEXT NOT NULL, command_id TEXT NOT NULL,
      command_type TEXT NOT NULL, outcome TEXT NOT NULL, context TEXT NOT NULL, recorded_at ${numberType} NOT NULL${isApart ? '' : cells}, UNIQUE (tenant, command_id));
    ${isApart ? `CREATE TABLE records (commit_no ${numberType} PRIMARY KEY${cells})` : ''}`
}

export async function sqliteLayout(scratch: string, layout: Layout): Promise<LaidOut> {
  const folder = newFolder(scratch)
  const db = new DatabaseSync(join(folder, 'layout.db'))
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4096')
  db.exec(tables(layout, 'INTEGER', 'BLOB'))
  const marks = layout.columns.map(() => ', ?').join('')
  const add = db.prepare(
    `INSERT INTO commits VALUES (?, '', ?, 'Account.Deposit', 'accepted', '{}', ?${layout.isApart ? '' : marks})`,
  )
  const addRecord = layout.isApart ? db.prepare(`INSERT INTO records VALUES (?${marks})`) : undefined
  const begin = db.prepare('BEGIN IMMEDIATE')
  const end = db.prepare('COMMIT')
  return {
    insert: async (first, count) => {
      begin.run()
      for (let index = first; index < first + count; index++) {
        const cells = layout.cells(depositDetail(index))
        add.run(index + 1, uuidV7(), Date.now() * 1000, ...(addRecord === undefined ? cells : []))
        addRecord?.run(index + 1, ...cells)
      }
      end.run()
    },
    bytes: async () => {
      const [pages, size] = ['page_count', 'page_size'].map((name) => db.prepare(`PRAGMA ${name}`).get()?.[name])
      return Number(pages) * Number(size)
    },
    [Symbol.asyncDispose]: async () => {
      db.close()
      rmSync(folder, { recursive: true })
    },
  }
}

export async function postgresLayout(url: string, schema: string, layout: Layout): Promise<LaidOut> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`CREATE SCHEMA "${schema}"; SET search_path = "${schema}"; ${tables(layout, 'BIGINT', 'BYTEA')}`)
  const { columns, type, isApart } = layout
  const names = columns.map((column) => `, ${column}`).join('')
  const arrays = columns.map((_, at) => `, $${at + 4}::${type === 'BLOB' ? 'bytea' : 'text'}[]`).join('')
  const header = `n, '', id, 'Account.Deposit', 'accepted', '{}', at${isApart ? '' : names}`
  const from = `FROM unnest($1::bigint[], $2::text[], $3::bigint[]${arrays}) g(n, id, at${names})`
  const addCommits = `INSERT INTO commits SELECT ${header} ${from}`
  const text = isApart ? `WITH added AS (${addCommits}) INSERT INTO records SELECT n${names} ${from}` : addCommits
  return {
    insert: async (first, count) => {
      const rows = Array.from({ length: count }, (_, at) => {
        const index = first + at
        return [index + 1, uuidV7(), Date.now() * 1000, ...layout.cells(depositDetail(index))]
      })
      const values = Array.from({ length: columns.length + 3 }, (_, column) => rows.map((row) => row[column]))
      await client.query({ name: 'insert', text, values })
    },
    bytes: async () => {
      const { rows } = await client.query<{ readonly bytes: string }>(
        `SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c WHERE relkind = 'r' AND relnamespace = $1::regnamespace`,
        [`"${schema}"`],
      )
      return Number(rows[0]?.bytes)
    },
    [Symbol.asyncDispose]: async () => {
      await client.query(`DROP SCHEMA "${schema}" CASCADE`)
      await client.end()
    },
  }
}
