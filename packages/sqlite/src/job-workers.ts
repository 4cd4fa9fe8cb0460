// Until when workers are held to be there. The writer thread knows it to the microsecond; the file is told now and then, for the time
// after a restart, so that a worker which waits does not write all the time. Runs in the writer thread.
import { allRows, firstRow, prepareRows } from './database.ts'
import type { Database } from './database.ts'

const readWorkers = 'SELECT worker, until FROM job_workers'
const putWorker = 'REPLACE INTO job_workers (worker, until) VALUES (?, ?)'
const dropWorker = 'DELETE FROM job_workers WHERE worker = ?'
const hasRuns = "SELECT 1 FROM open_jobs INDEXED BY open_jobs_running WHERE state = 'running' AND worker = ? LIMIT 1"

interface Lease {
  readonly until: number
  /** What the file has. */
  readonly kept: number
}
export interface JobWorkers {
  /** Workers whose lease has run out, but for one, and that have runs. */
  gone(but: string, nowUs: number): readonly string[]
  renew(worker: string, leaseMs: number, nowUs: number): void
  /** When the next lease runs out, but for that of one; `Infinity`: there is no other. */
  nextEnd(but: string, nowUs: number): number
  /** What was read of the file is no longer so. */
  forget(): void
}

export function createJobWorkers(db: Database): JobWorkers {
  const all = prepareRows(db, readWorkers)
  const put = db.prepare(putWorker)
  const drop = db.prepare(dropWorker)
  const runs = prepareRows(db, hasRuns)
  let known: Map<string, Lease> | undefined
  const leases = (): Map<string, Lease> =>
    (known ??= new Map(
      allRows(all).map(([worker, until]) => [String(worker), { until: Number(until), kept: Number(until) }]),
    ))

  return {
    gone: (but, nowUs) => {
      const found: string[] = []
      for (const [worker, { until }] of leases()) {
        if (worker === but || until > nowUs) continue
        if (firstRow(runs, worker) !== undefined) {
          found.push(worker)
          continue
        }
        drop.run(worker)
        leases().delete(worker)
      }
      return found
    },
    renew: (worker, leaseMs, nowUs) => {
      const until = leaseMs === 0 ? 0 : nowUs + leaseMs * 1000
      const { kept = 0 } = leases().get(worker) ?? {}
      // The file is at most a tenth of the lease behind.
      const isFresh = until > 0 && kept <= until && until - kept < leaseMs * 100
      if (!isFresh) put.run(worker, until)
      leases().set(worker, { until, kept: isFresh ? kept : until })
    },
    nextEnd: (but, nowUs) => {
      let next = Number.POSITIVE_INFINITY
      for (const [worker, { until }] of leases()) if (worker !== but && until > nowUs) next = Math.min(next, until)
      return next
    },
    forget: () => {
      known = undefined
    },
  }
}
