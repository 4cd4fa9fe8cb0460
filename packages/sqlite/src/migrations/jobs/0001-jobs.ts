// What has become of jobs. Those that have not ended lie apart from those that have: what workers look at stays small, however many
// jobs there were.
import type { Migration } from '@gesta/core/ports'

/** The last number that was given, the last job that was taken in from the commits, and the process that has opened the store last. */
const createCursor = `CREATE TABLE job_cursor (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  no INTEGER NOT NULL,
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  opened_by TEXT NOT NULL
) STRICT`
const startCursor = "INSERT INTO job_cursor (id, no, commit_no, idx, opened_by) VALUES (1, 0, 0, 0, '')"

/** Times are microseconds UTC. story is JSON text, NULL when nothing happened yet. Payload and context lie with the commit. */
const createJobs = (table: string): string => `CREATE TABLE ${table} (
  commit_no INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  command_id TEXT NOT NULL,
  type TEXT NOT NULL,
  queue TEXT NOT NULL,
  priority INTEGER NOT NULL,
  key TEXT,
  unique_key TEXT,
  attempts_max INTEGER NOT NULL,
  state TEXT NOT NULL,
  no INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  enqueued_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  expires_at INTEGER,
  worker TEXT,
  started_at INTEGER,
  ended_at INTEGER,
  is_cancel_asked INTEGER NOT NULL,
  story TEXT,
  PRIMARY KEY (commit_no, idx)
) STRICT, WITHOUT ROWID`

/** With all that a claim chooses by, so that jobs which are passed over are not read. */
const indexReady =
  "CREATE INDEX open_jobs_ready ON open_jobs (queue, priority, no, type, tenant, key, expires_at) WHERE state = 'pending'"
/** Jobs of one key, for those that others passed while the key had no room. */
const indexKeys =
  "CREATE INDEX open_jobs_keys ON open_jobs (queue, priority, tenant, key, no) WHERE state = 'pending' AND key IS NOT NULL"
const indexTimed =
  "CREATE INDEX open_jobs_timed ON open_jobs (due_at) WHERE state IN ('scheduled', 'retry_scheduled', 'waiting')"
const indexRunning = "CREATE INDEX open_jobs_running ON open_jobs (queue, tenant, key, worker) WHERE state = 'running'"
const indexExpiring =
  "CREATE INDEX open_jobs_expiring ON open_jobs (expires_at) WHERE expires_at IS NOT NULL AND state <> 'running'"
const indexCancelled = 'CREATE INDEX open_jobs_cancelled ON open_jobs (worker) WHERE is_cancel_asked = 1'
const indexUnique = (table: string): string =>
  `CREATE INDEX ${table}_unique ON ${table} (tenant, unique_key, state, enqueued_at) WHERE unique_key IS NOT NULL`
const indexEnded = 'CREATE INDEX ended_jobs_state ON ended_jobs (state, ended_at)'

/** Until when each worker is held to be there; one that left, or was found gone, is there until its last run was given to others. */
const createWorkers = `CREATE TABLE job_workers (
  worker TEXT PRIMARY KEY,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID`
const createPaused = `CREATE TABLE paused_queues (
  queue TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID`
/** When jobs of queues with a rate were begun. */
const createStarts = `CREATE TABLE job_starts (
  queue TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  count INTEGER NOT NULL
) STRICT`
const indexStarts = 'CREATE INDEX job_starts_queue ON job_starts (queue, started_at)'

export const jobs: Migration = {
  number: 1,
  name: 'jobs',
  statements: [
    createCursor,
    startCursor,
    createJobs('open_jobs'),
    indexReady,
    indexKeys,
    indexTimed,
    indexRunning,
    indexExpiring,
    indexCancelled,
    indexUnique('open_jobs'),
    createJobs('ended_jobs'),
    indexUnique('ended_jobs'),
    indexEnded,
    createWorkers,
    createPaused,
    createStarts,
    indexStarts,
  ],
}
