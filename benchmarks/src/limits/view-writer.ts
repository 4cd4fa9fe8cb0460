// The second thread of the bare rebuild: puts each batch of rows into the file of a view, one transaction per batch.
import { DatabaseSync } from 'node:sqlite'
import type { StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const db = new DatabaseSync(String(workerData))
db.exec(
  'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8000; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY',
)
/** Rows of one statement, as gesta has it: more at a time are not quicker. */
const rowsAtOnce = 50
const [one, many] = [putOf(1), putOf(rowsAtOnce)]

function putOf(rows: number): StatementSync {
  const values = Array.from({ length: rows }, () => `('', ?, ?)`).join(', ')
  return db.prepare(
    `INSERT INTO rows (tenant, key, value) VALUES ${values} ON CONFLICT (tenant, key) DO UPDATE SET value = excluded.value`,
  )
}

function write(cells: readonly string[]): void {
  const width = rowsAtOnce * 2
  db.exec('BEGIN IMMEDIATE')
  let at = 0
  for (; at + width <= cells.length; at += width) many.run(...cells.slice(at, at + width))
  for (; at < cells.length; at += 2) one.run(...cells.slice(at, at + 2))
  db.exec('COMMIT')
}

/** Keys and texts in turns; each message is answered when it is done. */
parentPort?.on('message', (given: readonly string[] | 'close') => {
  if (given === 'close') db.close()
  else write(given)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(undefined)
  if (given === 'close') parentPort?.close()
})
