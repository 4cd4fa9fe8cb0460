// The limits of jobs: the driver alone and one table of jobs, of which some are claimed, and deleted when they are done. Nothing is kept of
// what became of them.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { collectGarbage } from '../measure.ts'
import { newFolder } from '../scratch.ts'

export interface BareQueue extends AsyncDisposable {
  /** Jobs per second of so many, which are stored before. */
  pass(jobs: number): Promise<number>
}

/** `SELECT ... FOR UPDATE SKIP LOCKED`, an update and a delete, for `batch` jobs at a time; commits do not wait for the disk, like exchanges. */
export async function skipLocked(url: string, batch: number, body: string): Promise<BareQueue> {
  const client = new pg.Client({ connectionString: url, pipeline: true })
  await client.connect()
  await client.query(`SET synchronous_commit = off;
    CREATE TABLE bare_jobs (id bigserial PRIMARY KEY, queue text NOT NULL, state text NOT NULL, worker text, data text NOT NULL, context text NOT NULL);
    CREATE INDEX bare_pending ON bare_jobs (queue, id) WHERE state = 'pending'`)
  const claim = `SELECT id, data, context FROM bare_jobs WHERE queue = 'default' AND state = 'pending' ORDER BY id LIMIT ${batch} FOR UPDATE SKIP LOCKED`
  const begin = `UPDATE bare_jobs SET state = 'running', worker = 'worker' WHERE id = ANY ($1::bigint[])`
  const end = 'DELETE FROM bare_jobs WHERE id = ANY ($1::bigint[])'
  return {
    pass: async (jobs) => {
      await client.query(
        `INSERT INTO bare_jobs (queue, state, data, context) SELECT 'default', 'pending', $1, repeat('c', 200) FROM generate_series(1, $2::integer)`,
        [body, jobs],
      )
      collectGarbage()
      const startedAt = performance.now()
      for (let done = 0; done < jobs;) {
        void client.query('BEGIN')
        const { rows } = await client.query<{ id: string }>(claim)
        const ids = rows.map(({ id }) => id)
        void client.query(begin, [ids])
        await client.query('COMMIT')
        await client.query(end, [ids])
        done += ids.length
      }
      return (jobs * 1000) / (performance.now() - startedAt)
    },
    [Symbol.asyncDispose]: async () => {
      await client.query('DROP TABLE bare_jobs')
      await client.end()
    },
  }
}

/** The same in one file, where nobody else can claim meanwhile. */
export function bareFile(scratch: string, batch: number, body: string): BareQueue {
  const db = new DatabaseSync(join(newFolder(scratch), 'jobs.db'))
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE jobs (id INTEGER PRIMARY KEY, queue TEXT NOT NULL, state TEXT NOT NULL, worker TEXT, data TEXT NOT NULL, context TEXT NOT NULL) STRICT;
    CREATE INDEX jobs_pending ON jobs (queue, id) WHERE state = 'pending'`)
  const add = db.prepare(`INSERT INTO jobs (queue, state, data, context) VALUES ('default', 'pending', ?, ?)`)
  const claim = db.prepare(
    `SELECT id, data, context FROM jobs WHERE queue = 'default' AND state = 'pending' ORDER BY id LIMIT ?`,
  )
  const begin = db.prepare(`UPDATE jobs SET state = 'running', worker = 'worker' WHERE id = ?`)
  const end = db.prepare('DELETE FROM jobs WHERE id = ?')
  const inTransaction = (work: () => void): void => {
    db.exec('BEGIN IMMEDIATE')
    work()
    db.exec('COMMIT')
  }
  return {
    pass: async (jobs) => {
      inTransaction(() => {
        for (let at = 0; at < jobs; at++) add.run(body, 'c'.repeat(200))
      })
      collectGarbage()
      const startedAt = performance.now()
      for (let done = 0; done < jobs;) {
        let ids: readonly number[] = []
        inTransaction(() => {
          ids = claim.all(batch).map(({ id }) => Number(id))
          for (const id of ids) begin.run(id)
        })
        inTransaction(() => {
          for (const id of ids) end.run(id)
        })
        done += ids.length
      }
      return (jobs * 1000) / (performance.now() - startedAt)
    },
    [Symbol.asyncDispose]: async () => db.close(),
  }
}
