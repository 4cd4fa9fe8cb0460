// A look at an app as metrics.
import type { Look } from './look.ts'
import { plainSample } from './metric.ts'
import type { AppMetric, AppMetrics, AppMetricSample } from './metric.ts'

/** The metrics of a look. Names, labels and kinds are a contract: docs/reference/operational-events.md. */
export function lookMetrics(look: Look): AppMetrics {
  return [
    ...ofReadModels(look),
    ...ofSubscribers(look),
    ...ofOutbox(look),
    ...ofJobs(look),
    ...ofCronsAndProcesses(look),
    ...ofCache(look),
    ...ofConfig(look),
    ...ofTheRest(look),
  ]
}

function ofReadModels({ readModels }: Look): AppMetrics {
  const each = (value: (model: Look['readModels'][number]) => number): readonly AppMetricSample[] =>
    readModels.map((model) => ({ labels: { read_model: model.name }, value: value(model) }))
  const events = readModels.flatMap(({ name, metrics }) =>
    (['applied', 'skipped'] as const).map((result) => ({
      labels: { read_model: name, result },
      value: metrics[result],
    })),
  )
  const latencies = readModels.flatMap(({ name, metrics: { latencyMs } }) =>
    latencyMs === undefined
      ? []
      : (
          [
            ['0.5', latencyMs.p50],
            ['0.95', latencyMs.p95],
            ['0.99', latencyMs.p99],
          ] as const
        ).map(([quantile, ms]) => ({
          labels: { read_model: name, quantile },
          value: ms / 1000,
        })),
  )
  return [
    states(
      'gesta_read_model_state',
      'The state of each read model: 1 for the one that it is in.',
      'read_model',
      readModels,
    ),
    gauge(
      'gesta_read_model_lag_events',
      'Events of the log that a view does not show yet.',
      each(({ metrics }) => metrics.lagEvents),
    ),
    gauge(
      'gesta_read_model_lag_seconds',
      'Seconds for which a view has been behind the log.',
      each(({ metrics }) => metrics.lagMs / 1000),
    ),
    {
      name: 'gesta_read_model_latency_seconds',
      help: 'Seconds from the recording of an event to its being visible, by quantile.',
      kind: 'summary',
      samples: latencies,
    },
    gauge(
      'gesta_read_model_parked_events',
      'Events that wait for an operator.',
      each(({ parked }) => parked),
    ),
    counter(
      'gesta_read_model_events_total',
      'Events that read models were given, by whether a handler took them.',
      events,
    ),
    counter(
      'gesta_read_model_failures_total',
      'Attempts of read models that failed.',
      each(({ metrics }) => metrics.failed),
    ),
  ]
}

function ofSubscribers({ subscribers, sources }: Look): AppMetrics {
  const lags = subscribers.flatMap(({ name: subscriber, lag }) =>
    lag === undefined ? [] : [{ labels: { subscriber }, value: lag }],
  )
  const named = sources.map(({ state }, at) => ({ name: String(at), state }))
  return [
    states(
      'gesta_subscriber_state',
      'The state of each subscriber: 1 for the one that it is in.',
      'subscriber',
      subscribers,
    ),
    gauge('gesta_subscriber_lag_events', 'Events of the log that a subscriber of this process has not done yet.', lags),
    states('gesta_source_state', 'The state of each source, by its place among the sources.', 'source', named),
  ]
}

function ofOutbox({ outbox, relay, atUs }: Look): AppMetrics {
  const relayed = (['sent', 'held', 'dead'] as const).flatMap((result) =>
    relay === undefined ? [] : [{ labels: { result }, value: relay[result] }],
  )
  const ageS = outbox && (outbox.oldestUs === undefined ? 0 : Math.max(0, (atUs - outbox.oldestUs) / 1e6))
  return [
    gauge('gesta_outbox_waiting_messages', 'Messages that wait for another attempt.', plainSample(outbox?.waiting)),
    gauge('gesta_outbox_dead_messages', 'Messages that were given up.', plainSample(outbox?.dead)),
    gauge(
      'gesta_outbox_behind_commits',
      'Commits whose messages the relay has not come to.',
      plainSample(outbox?.commitsBehind),
    ),
    gauge(
      'gesta_outbox_oldest_seconds',
      'Age of the oldest message that was not sent and not given up.',
      plainSample(ageS),
    ),
    counter(
      'gesta_outbox_relayed_total',
      'Messages that the relay of this process sent, held back or gave up.',
      relayed,
    ),
  ]
}

function ofJobs({ queues, jobWorker }: Look): AppMetrics {
  const ended = Object.entries(jobWorker?.ended ?? {}).map(([ending, value]) => ({ labels: { ending }, value }))
  const running = Object.entries(jobWorker?.running ?? {}).map(([queue, value]) => ({ labels: { queue }, value }))
  const counts = queues.flatMap(({ queue, counts: byState }) =>
    Object.entries(byState).map(([state, value = 0]) => ({ labels: { queue, state }, value })),
  )
  const oldest = queues.map(({ queue, oldestPendingUs = 0 }) => ({ labels: { queue }, value: oldestPendingUs / 1e6 }))
  const paused = queues.map(({ queue, isPaused }) => ({ labels: { queue }, value: isPaused ? 1 : 0 }))
  return [
    gauge('gesta_jobs', 'Jobs that are unfinished or given up, by queue and state.', counts),
    gauge(
      'gesta_jobs_oldest_pending_seconds',
      'Seconds that the oldest pending job of a queue could have run.',
      oldest,
    ),
    gauge('gesta_jobs_running', 'Jobs that this process runs now.', running),
    counter('gesta_job_runs_total', 'Runs of jobs in this process, by how they ended.', ended),
    counter(
      'gesta_job_runs_lost_total',
      'Runs whose end came too late: what they did is done again.',
      plainSample(jobWorker?.lost),
    ),
    gauge('gesta_jobs_queue_paused', '1 while nothing is taken from a queue.', paused),
  ]
}

function ofCronsAndProcesses({ crons, processes }: Look): AppMetrics {
  const failing = crons.map(({ name, lastError }) => ({
    labels: { cron: name },
    value: lastError === undefined ? 0 : 1,
  }))
  const each = (value: (one: Look['processes'][number]) => number): readonly AppMetricSample[] =>
    processes.map((one) => ({ labels: { process_manager: one.name }, value: value(one) }))
  return [
    gauge('gesta_cron_failing', '1 while a cron that this process fires cannot fire.', failing),
    counter(
      'gesta_process_parked_total',
      'Events that process managers of this process have parked.',
      each(({ parked }) => parked),
    ),
    gauge(
      'gesta_process_untold_letters',
      'Dead letters that a process manager could not be told of.',
      each(({ untold }) => untold.length),
    ),
  ]
}

function ofCache({ cache }: Look): AppMetrics {
  const by = (values: { readonly [result: string]: number | undefined }): readonly AppMetricSample[] =>
    Object.entries(values).flatMap(([result, value]) => (value === undefined ? [] : [{ labels: { result }, value }]))
  const { shared } = cache ?? {}
  const isLeftAlone = shared === undefined || shared === 'none' ? undefined : shared === 'left alone' ? 1 : 0
  return [
    gauge('gesta_cache_entries', 'Values that the cache of this process has in memory.', plainSample(cache?.entries)),
    gauge('gesta_cache_bytes', 'Bytes of these values, about.', plainSample(cache?.bytes)),
    counter(
      'gesta_cache_requests_total',
      'What was asked of the cache, by whether memory had an answer.',
      by({ hit: cache?.hits, miss: cache?.misses }),
    ),
    counter('gesta_cache_loads_total', 'Loads that were begun.', plainSample(cache?.loads)),
    counter('gesta_cache_load_failures_total', 'Loads that failed.', plainSample(cache?.loadErrors)),
    counter('gesta_cache_stale_total', 'Answers whose time was over.', plainSample(cache?.stale)),
    counter('gesta_cache_evictions_total', 'Values that had to make room.', plainSample(cache?.evictions)),
    counter(
      'gesta_cache_shared_total',
      'Answers that the shared layer had, calls to it that failed, and those that were left out while it fails.',
      by({ hit: cache?.sharedHits, failed: cache?.sharedErrors, skipped: cache?.sharedSkipped }),
    ),
    gauge('gesta_cache_shared_left_alone', '1 while the shared layer is left alone.', plainSample(isLeftAlone)),
  ]
}

function ofConfig({ config }: Look): AppMetrics {
  return [
    counter('gesta_config_reloads_total', 'Reloads of the configuration.', plainSample(config?.reloads)),
    counter('gesta_config_reload_failures_total', 'Reloads that changed nothing.', plainSample(config?.failures)),
    gauge('gesta_config_pending_keys', 'Keys whose value waits for a restart.', plainSample(config?.pending.length)),
  ]
}

function ofTheRest({ commandLog, audit, fanout, storeError }: Look): AppMetrics {
  const records = (['recorded', 'sampled', 'lost'] as const).map((result) => ({
    labels: { result },
    value: commandLog[result],
  }))
  return [
    counter('gesta_command_log_attempts_total', 'Attempts by whether they left a record.', records),
    counter(
      'gesta_audit_lost_total',
      'Audit entries of denials and failures that could not be stored.',
      plainSample(audit.lost),
    ),
    gauge('gesta_fanout_clients', 'Connected clients of presentation events.', plainSample(fanout?.clients)),
    counter('gesta_fanout_sent_total', 'Frames that were sent to clients.', plainSample(fanout?.sent)),
    counter(
      'gesta_fanout_dropped_total',
      'Clients that were cut off because they were too slow.',
      plainSample(fanout?.dropped),
    ),
    counter('gesta_fanout_refused_total', 'Clients that were refused over a bound.', plainSample(fanout?.refused)),
    gauge(
      'gesta_store_unreachable',
      '1 when the store did not answer what these metrics asked.',
      plainSample(storeError === undefined ? 0 : 1),
    ),
  ]
}

function states(
  name: string,
  help: string,
  label: string,
  them: readonly { readonly name: string; readonly state: string }[],
): AppMetric {
  return gauge(
    name,
    help,
    them.map((one) => ({ labels: { [label]: one.name, state: one.state }, value: 1 })),
  )
}
function gauge(name: string, help: string, samples: readonly AppMetricSample[]): AppMetric {
  return { name, help, kind: 'gauge', samples }
}
function counter(name: string, help: string, samples: readonly AppMetricSample[]): AppMetric {
  return { name, help, kind: 'counter', samples }
}
