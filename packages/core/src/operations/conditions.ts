// What is not well at one look: a pure function, each rule a few words. Whoever watches compares one answer with the one before.
import type { Look } from './look.ts'
import type { OperationFacts, OperationName } from './operational-event.ts'
import type { OperationsSettings } from './options.ts'

/** Something that is so now. */
export interface Condition {
  readonly name: OperationName
  readonly subject: string
  readonly facts: OperationFacts
  /** Milliseconds that it has been so before it was noticed. */
  readonly forMs?: number | undefined
}
/** Counters whose growth is worth telling. */
export type GrowthName = 'fanout_full' | 'fanout_cut_off' | 'command_log_lost' | 'audit_lost' | 'process_parked'

export function countersOf({ fanout, commandLog, audit, processes }: Look): { readonly [Name in GrowthName]: number } {
  return {
    fanout_full: fanout?.refused ?? 0,
    fanout_cut_off: fanout?.dropped ?? 0,
    command_log_lost: commandLog.lost,
    audit_lost: audit.lost,
    process_parked: processes.reduce((sum, { parked }) => sum + parked, 0),
  }
}

/** @param growing counters that have grown lately */
export function conditionsOf(
  look: Look,
  growing: ReadonlySet<GrowthName>,
  settings: OperationsSettings,
): readonly Condition[] {
  const counters = countersOf(look)
  return [
    ...ofReadModels(look, settings),
    ...ofSubscribers(look, settings),
    ...ofOutbox(look, settings),
    ...ofJobs(look, settings),
    ...ofCronsAndProcesses(look),
    ...ofRecords(look),
    ...ofConfig(look),
    ...[...growing].map((name) => ({ name, subject: '', facts: { count: counters[name] } })),
  ]
}

function ofReadModels({ readModels }: Look, { readModelLagMaxMs }: OperationsSettings): readonly Condition[] {
  return readModels.flatMap(({ name: subject, state, metrics, parked, lastError, failedAt }) => {
    const error = errorFacts(lastError)
    const found: Condition[] = []
    if (state === 'failed') {
      const at = failedAt === undefined ? {} : { eventType: failedAt.type, position: failedAt.position }
      found.push({ name: 'read_model_failed', subject, facts: { ...error, ...at } })
    }
    if (state === 'diverged') found.push({ name: 'read_model_diverged', subject, facts: error })
    if (state === 'paused' || state === 'stopped') found.push({ name: 'read_model_halted', subject, facts: { state } })
    const { lagMs, lagEvents } = metrics
    // What is being built says how far it is; what stands still is told as such.
    if (state === 'live' && lagMs > readModelLagMaxMs)
      found.push({ name: 'read_model_lagging', subject, facts: { lagEvents, ...error }, forMs: lagMs })
    if (parked > 0) found.push({ name: 'read_model_parked', subject, facts: { parked, ...error } })
    return found
  })
}

function ofSubscribers({ subscribers, sources }: Look, { subscriberLagMax }: OperationsSettings): readonly Condition[] {
  const found = subscribers.flatMap(({ name: subject, state, lag = 0, lastError }) => {
    const facts = { ...errorFacts(lastError), lagEvents: lag }
    const own: Condition[] = []
    if (state === 'failed') own.push({ name: 'subscriber_failed', subject, facts })
    if (state === 'diverged') own.push({ name: 'subscriber_diverged', subject, facts })
    if (state === 'retrying') own.push({ name: 'subscriber_retrying', subject, facts })
    if (lag > subscriberLagMax) own.push({ name: 'subscriber_lagging', subject, facts })
    return own
  })
  const retrying = sources.flatMap(({ state, lastError }, at): readonly Condition[] =>
    state === 'retrying' ? [{ name: 'source_retrying', subject: String(at), facts: errorFacts(lastError) }] : [],
  )
  return [...found, ...retrying]
}

function ofOutbox({ outbox, relay, atUs }: Look, { outboxAgeMaxMs }: OperationsSettings): readonly Condition[] {
  const found: Condition[] = []
  if (outbox !== undefined) {
    const { dead, waiting, commitsBehind, oldestUs = atUs } = outbox
    if (dead > 0) found.push({ name: 'outbox_dead_letters', subject: '', facts: { dead } })
    const ageMs = (atUs - oldestUs) / 1000
    if (ageMs > outboxAgeMaxMs)
      found.push({ name: 'outbox_lagging', subject: '', facts: { waiting, commitsBehind }, forMs: ageMs })
  }
  if (relay?.state === 'retrying')
    found.push({ name: 'relay_retrying', subject: '', facts: errorFacts(relay.lastError) })
  return found
}

function ofJobs({ queues, jobWorker }: Look, { jobAgeMaxMs }: OperationsSettings): readonly Condition[] {
  const found = queues.flatMap(({ queue: subject, isPaused, counts, oldestPendingUs = 0 }) => {
    const own: Condition[] = []
    const { dead_letter: dead = 0, pending = 0 } = counts
    if (dead > 0) own.push({ name: 'job_dead_letters', subject, facts: { dead } })
    const ageMs = oldestPendingUs / 1000
    if (!isPaused && ageMs > jobAgeMaxMs)
      own.push({ name: 'job_queue_lagging', subject, facts: { pending }, forMs: ageMs })
    if (isPaused) own.push({ name: 'job_queue_paused', subject, facts: { pending } })
    return own
  })
  if (jobWorker?.lastError !== undefined)
    found.push({ name: 'job_worker_failing', subject: '', facts: errorFacts(jobWorker.lastError) })
  return found
}

function ofCronsAndProcesses({ crons, processes }: Look): readonly Condition[] {
  return [
    ...crons.flatMap(({ name: subject, lastError }): readonly Condition[] =>
      lastError === undefined ? [] : [{ name: 'cron_failing', subject, facts: errorFacts(lastError) }],
    ),
    ...processes.flatMap(({ name: subject, untold }): readonly Condition[] =>
      untold.length === 0
        ? []
        : [{ name: 'process_untold', subject, facts: { untold: untold.length, ...errorFacts(untold[0]) } }],
    ),
  ]
}

function ofConfig({ config }: Look): readonly Condition[] {
  if (config?.failure === undefined) return []
  const { code, step } = config.failure
  return [{ name: 'config_reload_failed', subject: '', facts: { error: code, step } }]
}

function ofRecords({ commandLog, storeError }: Look): readonly Condition[] {
  const failing = (name: OperationName, error: string | undefined): readonly Condition[] =>
    error === undefined ? [] : [{ name, subject: '', facts: errorFacts(error) }]
  return [
    ...failing('store_unreachable', storeError),
    ...failing('retention_failing', commandLog.retentionError),
    ...failing('command_log_copy_failing', commandLog.copy?.lastError),
  ]
}

function errorFacts(error: string | undefined): OperationFacts {
  return error === undefined ? {} : { error }
}
