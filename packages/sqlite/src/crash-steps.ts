// The steps at which a process can be made to end, for proofs of what is left then: a connection that watches its own statements.
// Without a crash point the writer's connections are the driver's own.
import { Worker } from 'node:worker_threads'
import { createCrash, endProcess } from '@gesta/core/ports'
import type { CrashPoint, CrashStep } from '@gesta/core/ports'
import type { CrashData } from './crash-thread.ts'
import type { Database, Statement } from './database.ts'
import { moduleUrl } from './thread-modules.ts'

export const crashSteps: readonly CrashStep[] = [
  'begun',
  'checked',
  'inserted',
  'committing',
  'committed',
  'checkpointing',
  'flush-begun',
  'flush-moved',
  'flush-written',
  'flush-committing',
  'flush-committed',
]

/** What a statement means, by how it begins. */
export interface Meaning {
  readonly sql: string
  readonly before?: CrashStep
  readonly behind?: CrashStep
}
/** On the log's connections. */
const commitMeanings: readonly Meaning[] = [
  { sql: 'BEGIN IMMEDIATE', behind: 'begun' },
  { sql: 'INSERT INTO commits', before: 'checked' },
  { sql: 'INSERT INTO events', behind: 'inserted' },
  { sql: 'INSERT INTO audit_log', behind: 'inserted' },
  { sql: 'INSERT INTO held_messages', behind: 'inserted' },
  { sql: 'REPLACE INTO open_jobs', behind: 'inserted' },
  { sql: 'REPLACE INTO ended_jobs', behind: 'inserted' },
  { sql: 'COMMIT', before: 'committing', behind: 'committed' },
  { sql: 'PRAGMA wal_checkpoint(PASSIVE)', before: 'checkpointing' },
]
/** On the connections of views. */
export const flushMeanings: readonly Meaning[] = [
  { sql: 'INSERT INTO checkpoint', before: 'flush-begun', behind: 'flush-moved' },
  { sql: 'INSERT INTO rows', behind: 'flush-written' },
  { sql: 'DELETE FROM rows WHERE', behind: 'flush-written' },
  { sql: 'COMMIT', before: 'flush-committing', behind: 'flush-committed' },
]

/** The same way to open connections; with a crash point they end the process when they come to it. */
export function crashing(
  open: () => Database,
  point: CrashPoint | undefined,
  meanings: readonly Meaning[] = commitMeanings,
): () => Database {
  if (point === undefined) return open
  const reached = createCrash(point, point.step === 'checkpointing' ? endMeanwhile(point) : endProcess)
  return () => {
    const db = open()
    const prepare = db.prepare.bind(db)
    db.prepare = (sql, options) => watched(prepare(sql, options), meaningOf(sql, meanings), reached)
    return db
  }
}

function meaningOf(sql: string, meanings: readonly Meaning[]): Meaning | undefined {
  return meanings.find((one) => sql.startsWith(one.sql))
}

function watched(statement: Statement, meaning: Meaning | undefined, reached: (step: CrashStep) => void): Statement {
  if (meaning === undefined) return statement
  const { before, behind } = meaning
  const around = <Given extends unknown[], Result>(run: (...given: Given) => Result) => {
    const bound = run.bind(statement)
    return (...given: Given): Result => {
      if (before !== undefined) reached(before)
      const result = bound(...given)
      if (behind !== undefined) reached(behind)
      return result
    }
  }
  statement.run = around(statement.run) as typeof statement.run
  statement.get = around(statement.get) as typeof statement.get
  return statement
}

/**
 * Nothing interrupts a thread that is in a call of SQLite, so another thread ends the process while this one goes on. It waits until
 * that one is awake, which would take longer than the call.
 */
function endMeanwhile({ delayMs = 0 }: CrashPoint): () => void {
  const data: CrashData = { cells: new Int32Array(new SharedArrayBuffer(8)), delayMs }
  new Worker(moduleUrl('crash-thread'), { workerData: data }).unref()
  return () => {
    Atomics.store(data.cells, 0, 1)
    Atomics.notify(data.cells, 0)
    Atomics.wait(data.cells, 1, 0)
  }
}
