// What has become of jobs: unfinished ones in one table, ended ones in another, and what an exchange reads of them. Their payloads stay
// where their commits have put them.
//
// - An old transaction that somebody holds keeps all dead rows and their index entries. So no row is read that is written by every
//   exchange; and every scan begins at a mark that the caller brings, behind which nothing lives any more: what is dead is walked over once.
// - Numbers grow with every step, so that what becomes pending or begins to run later lies behind all marks. Times do not: marks of times
//   count in one epoch only, which ends when the clock goes back. It ends as well when the server crashes and forgets the last exchanges:
//   it stands in a table that a crash empties.
import type { Migration } from '@gesta/core/ports'
import { createEnterJobs, createViewJobs } from './0001-view-jobs.ts'

/** `s`: the schema, quoted. Times are microseconds UTC. */
export function jobs(s: string): Migration {
  /** The claim lock: who changes jobs locks this table, which stays empty. */
  const createGate = `CREATE TABLE ${s}.job_gate ()`
  /** The last row counts: the number that was given last, the last job that was taken in, and the time, which never goes back in an epoch. */
  const createSteps = `CREATE TABLE ${s}.job_steps (
  no bigint PRIMARY KEY,
  commit_no bigint NOT NULL,
  idx integer NOT NULL,
  at_us bigint NOT NULL
)`
  const startSteps = `INSERT INTO ${s}.job_steps (no, commit_no, idx, at_us) VALUES (0, 0, 0, 0)`
  const createEpoch = `CREATE UNLOGGED TABLE ${s}.job_epoch (epoch text NOT NULL)`

  /** story: JSON text; NULL: nothing to tell. */
  const columns = `
  commit_no bigint NOT NULL,
  no bigint NOT NULL,
  enqueued_at bigint NOT NULL,
  due_at bigint NOT NULL,
  expires_at bigint,
  started_at bigint,
  idx integer NOT NULL,
  priority integer NOT NULL,
  attempt integer NOT NULL,
  attempts_max integer NOT NULL,
  is_cancel_asked boolean NOT NULL,
  state text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  command_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  queue text COLLATE "C" NOT NULL,
  key text COLLATE "C",
  unique_key text COLLATE "C",
  worker text COLLATE "C",
  story text,
  PRIMARY KEY (commit_no, idx)`
  /** late_at: when a job that is not running expires, or when it was found to have; it never lies before the time at which the row was written. */
  const createRows = `CREATE TABLE ${s}.job_rows (${columns},
  late_at bigint
)`
  const createEnds = `CREATE TABLE ${s}.job_ends (${columns},
  ended_at bigint NOT NULL
)`
  const unique = `${s}.index_key(unique_key), ${s}.index_key(tenant)`
  const createIndexes = [
    `CREATE INDEX job_rows_pending ON ${s}.job_rows (queue, priority, no) WHERE state = 'pending'`,
    `CREATE INDEX job_rows_keys ON ${s}.job_rows (queue, priority, ${s}.index_key(key), ${s}.index_key(tenant), no) WHERE state = 'pending' AND key IS NOT NULL`,
    `CREATE INDEX job_rows_running ON ${s}.job_rows (no) WHERE state = 'running'`,
    `CREATE INDEX job_rows_due ON ${s}.job_rows (due_at) WHERE state IN ('scheduled', 'retry_scheduled', 'waiting')`,
    `CREATE INDEX job_rows_late ON ${s}.job_rows (late_at) WHERE late_at IS NOT NULL`,
    `CREATE INDEX job_rows_cancelled ON ${s}.job_rows (worker) WHERE is_cancel_asked`,
    `CREATE INDEX job_rows_unique ON ${s}.job_rows (${unique}) WHERE unique_key IS NOT NULL`,
    `CREATE INDEX job_ends_unique ON ${s}.job_ends (${unique}, state, enqueued_at) WHERE unique_key IS NOT NULL`,
    `CREATE INDEX job_ends_unwell ON ${s}.job_ends (state, commit_no, idx) WHERE state <> 'succeeded'`,
    `CREATE INDEX job_ends_time ON ${s}.job_ends (ended_at)`,
  ]

  const createWorkers = `CREATE TABLE ${s}.job_workers (worker text COLLATE "C" PRIMARY KEY, until_us bigint NOT NULL)`
  const createPauses = `CREATE TABLE ${s}.job_pauses (queue text COLLATE "C" PRIMARY KEY)`
  /** Jobs that were begun, of queues with a rate. */
  const createBegun = `CREATE TABLE ${s}.job_begun (
  queue text COLLATE "C" NOT NULL,
  at_us bigint NOT NULL,
  count bigint NOT NULL
)`
  const createBegunIndex = `CREATE INDEX job_begun_time ON ${s}.job_begun (queue, at_us)`

  const createPrune = `CREATE FUNCTION ${s}.prune_jobs(of_states text[], before_us bigint, jobs_max integer, lock_timeout_ms integer) RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $prune$
DECLARE
  pruned bigint;
BEGIN
  PERFORM ${s}.enter_jobs(true, lock_timeout_ms);
  WITH gone AS (
    DELETE FROM ${s}.job_ends WHERE (commit_no, idx) IN (
      SELECT e.commit_no, e.idx FROM ${s}.job_ends e WHERE e.ended_at < before_us AND e.state = ANY (of_states)
      ORDER BY e.ended_at LIMIT jobs_max
    ) RETURNING commit_no, idx
  ), payloads AS (
    DELETE FROM ${s}.jobs j USING gone g WHERE j.commit_no = g.commit_no AND j.idx = g.idx
  ) SELECT count(*) INTO pruned FROM gone;
  RETURN pruned;
END
$prune$`
  const createPause = `CREATE FUNCTION ${s}.pause_jobs(of_queue text, is_paused boolean, lock_timeout_ms integer) RETURNS void
LANGUAGE plpgsql VOLATILE AS $pause$
BEGIN
  PERFORM ${s}.enter_jobs(true, lock_timeout_ms);
  IF is_paused THEN
    INSERT INTO ${s}.job_pauses (queue) VALUES (of_queue) ON CONFLICT DO NOTHING;
  ELSE
    DELETE FROM ${s}.job_pauses WHERE queue = of_queue;
  END IF;
END
$pause$`
  /** Beside the log's own reset. Numbers go on, so that a run of before settles nothing. */
  const createReset = `CREATE FUNCTION ${s}.reset_jobs() RETURNS void LANGUAGE plpgsql VOLATILE AS $reset$
BEGIN
  PERFORM ${s}.begin_change(true);
  LOCK TABLE ${s}.job_gate IN SHARE UPDATE EXCLUSIVE MODE;
  DELETE FROM ${s}.job_rows;
  DELETE FROM ${s}.job_ends;
  DELETE FROM ${s}.job_begun;
  DELETE FROM ${s}.job_pauses;
  INSERT INTO ${s}.job_steps (no, commit_no, idx, at_us)
    SELECT no + 1, 0, 0, at_us FROM ${s}.job_steps ORDER BY no DESC LIMIT 1;
END
$reset$`

  return {
    number: 1,
    name: 'jobs',
    statements: [
      createGate,
      createSteps,
      startSteps,
      createEpoch,
      createRows,
      createEnds,
      ...createIndexes,
      createWorkers,
      createPauses,
      createBegun,
      createBegunIndex,
      createEnterJobs(s),
      ...createViewJobs(s),
      createPrune,
      createPause,
      createReset,
    ],
  }
}
