// The limit of a rebuild: the same events in the same order through the bare driver, parsed, folded by hand, and each batch's rows put
// into a table of the adapter's own shape, as durable as the adapter's. All rows are kept in memory meanwhile, so that none is ever read
// back: only the writing is left. On SQLite a second thread writes, on PostgreSQL a second connection, while the next batch is read.
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import type { Backend } from '@gesta/core'
import { postgres } from '@gesta/postgres'
import { sqlite } from '@gesta/sqlite'
import pg from 'pg'
import { storeRuntime } from '../deposit-commit.ts'
import { noBalance, viewKey, withMove } from '../moves.ts'
import type { Balance, Move, RowPer } from '../moves.ts'
import { newFolder } from '../scratch.ts'
import { columns } from './bare-scan.ts'

/** Builds the view once; returns its rows, so that nothing can be left out. */
export type BareRebuild = (rowPer: RowPer) => Promise<number>
type LogRow = readonly unknown[]

const view = { name: 'limit', modelVersion: 1, generation: 1 }
/** Events of a batch, as gesta takes them while it is far behind the end of the log. */
const batchEvents = 2_000
/** Batches that the second thread has at a time, beside the one that is being made. */
const batchesAhead = 2

/** What makes rows of batches: keys and texts in turns. */
function createFold(rowPer: RowPer) {
  const balances = new Map<string, Balance>()
  return {
    rows: () => balances.size,
    take: (batch: readonly LogRow[]): readonly (readonly [key: string, text: string])[] => {
      const touched = new Map<string, Balance>()
      for (const row of batch) {
        const move = JSON.parse(String(row[10])) as Move
        JSON.parse(String(row[11]))
        const key = viewKey(rowPer, move, `${String(row[2])}.${String(row[3])}`)
        const balance = withMove(balances.get(key) ?? noBalance(key), move)
        balances.set(key, balance)
        touched.set(key, balance)
      }
      return Array.from(touched, ([key, balance]) => [key, JSON.stringify(balance)] as const)
    },
  }
}

/** The view is a copy of a file that gesta made; its page cache and checkpoints are the view thread's. */
export async function rebuildFile(path: string, scratch: string): Promise<BareRebuild> {
  const made = join(newFolder(scratch), 'made.db')
  await openOnce(sqlite(made))
  const empty = join(`${made}.views`, `${view.name}.1.1.sqlite`)
  return async (rowPer) => {
    const folder = newFolder(scratch)
    const file = join(folder, 'view.db')
    copyFileSync(empty, file)
    const writer = startWriter(file)
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      const log = db.prepare(`SELECT ${columns} FROM events JOIN commits USING (commit_no) ORDER BY events.position`)
      log.setReturnArrays(true)
      const fold = createFold(rowPer)
      let batch: LogRow[] = []
      for (const row of log.iterate() as Iterable<unknown> as Iterable<LogRow>) {
        batch.push(row)
        if (batch.length < batchEvents) continue
        await writer.write(fold.take(batch).flat())
        batch = []
      }
      await writer.write(fold.take(batch).flat())
      await writer.close()
      return fold.rows()
    } finally {
      db.close()
      rmSync(folder, { recursive: true })
    }
  }
}

function startWriter(file: string) {
  const worker = new Worker(new URL('view-writer.ts', import.meta.url), { workerData: file })
  const waiting: (() => void)[] = []
  let failure: Error | undefined
  let going = 0
  const wake = (): void => {
    for (const resume of waiting.splice(0)) resume()
  }
  worker.on('message', () => {
    going--
    wake()
  })
  worker.on('error', (error) => {
    failure = error as Error
    wake()
  })
  const until = async (most: number): Promise<void> => {
    while (going > most && failure === undefined) await new Promise<void>((resolve) => waiting.push(resolve))
    if (failure !== undefined) throw failure
  }
  const send = (message: readonly string[] | 'close'): void => {
    going++
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    worker.postMessage(message)
  }
  return {
    write: async (cells: readonly string[]): Promise<void> => {
      await until(batchesAhead - 1)
      send(cells)
    },
    close: async (): Promise<void> => {
      send('close')
      await until(0)
    },
  }
}

/** The view is a table that gesta made. Its transactions do not wait for the disk, as gesta's do not. */
export async function rebuildServer(url: string, logSchema: string): Promise<BareRebuild> {
  const schema = `${logSchema}_limit`
  await openOnce(postgres({ url, schema }))
  const scan = `SELECT ${columns} FROM "${logSchema}".events JOIN "${logSchema}".commits USING (commit_no)
    WHERE events.position > $1 ORDER BY events.position LIMIT ${batchEvents}`
  return async (rowPer) => {
    const [reader, writer] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })]
    await Promise.all([reader.connect(), writer.connect()])
    try {
      await writer.query('SET synchronous_commit = off')
      const found = await writer.query<{ id: number }>(`SELECT id FROM "${schema}".views WHERE name = $1`, [view.name])
      const table = `"${schema}".view_${found.rows[0]?.id}`
      await writer.query(`TRUNCATE ${table}`)
      const put = `INSERT INTO ${table} (tenant, key, value) SELECT '', key, value FROM unnest($1::text[], $2::text[]) n(key, value)
        ON CONFLICT ("${schema}".index_key(tenant), key) DO UPDATE SET value = excluded.value`
      const page = async (after: unknown): Promise<readonly LogRow[]> =>
        (await reader.query<unknown[]>({ name: 'scan', text: scan, values: [after], rowMode: 'array' })).rows
      const fold = createFold(rowPer)
      let written: Promise<unknown> = Promise.resolve()
      for (let next = page(0); ;) {
        const batch = await next
        if (batch.length === batchEvents) next = page(batch.at(-1)?.[0])
        const rows = fold.take(batch)
        await written
        written = writer.query({
          name: 'put',
          text: put,
          values: [rows.map(([key]) => key), rows.map(([, text]) => text)],
        })
        if (batch.length < batchEvents) break
      }
      await written
      return fold.rows()
    } finally {
      await Promise.all([reader.end(), writer.end()])
    }
  }
}

/** Makes the schema, and the view that the limit fills. */
async function openOnce(backend: Backend): Promise<void> {
  await using opened = await backend.open(storeRuntime)
  await opened.readModels.open(view)
}
