// Operational events: what an operator should know of, when it begins and when it is over. One table of names; each is a contract.

/** `critical`: something stands still or is lost, and stays so until somebody acts. `warning`: it will, or somebody should look. */
export type OperationSeverity = 'critical' | 'warning' | 'info'

/** Name, severity, and what begins with it. Reference: docs/reference/operational-events.md. */
export const operations = {
  store_unreachable: ['critical', 'The store did not answer.'],
  read_model_failed: ['critical', 'A read model stopped at an event that it could not take.'],
  read_model_diverged: ['critical', 'The view of a read model is of another history of the log.'],
  read_model_lagging: ['warning', 'A view has been behind the log for too long.'],
  read_model_parked: ['warning', 'Events of a read model wait for an operator.'],
  read_model_halted: ['info', 'An operator stopped or paused a read model.'],
  subscriber_failed: ['critical', 'A subscriber stopped at an event.'],
  subscriber_diverged: ['critical', 'The checkpoint of a subscriber is in another history of the log.'],
  subscriber_retrying: ['warning', 'A subscriber failed, and tries again.'],
  subscriber_lagging: ['warning', 'A subscriber is too many events behind the log.'],
  source_retrying: ['warning', 'A source of events, or what handles its events, failed, and is tried again.'],
  outbox_dead_letters: ['warning', 'Messages were given up.'],
  outbox_lagging: ['warning', 'A message has waited too long for being sent.'],
  relay_retrying: ['warning', 'The broker or the store is away from the relay.'],
  job_dead_letters: ['warning', 'Jobs of a queue were given up.'],
  job_queue_lagging: ['warning', 'A job of a queue has waited too long for its run.'],
  job_queue_paused: ['info', 'An operator paused a queue.'],
  job_worker_failing: ['warning', 'The worker of this process cannot get at its jobs.'],
  cron_failing: ['warning', 'A cron could not fire, and tries again.'],
  process_parked: ['warning', 'Events of process managers were parked, and wait for an operator.'],
  process_untold: ['warning', 'A process manager could not be told of dead letters, and is told again.'],
  fanout_full: ['warning', 'Clients of presentation events were refused over a bound.'],
  fanout_cut_off: ['warning', 'Clients of presentation events were too slow, and were cut off.'],
  command_log_lost: ['critical', 'Commands left no record.'],
  command_log_copy_failing: ['warning', 'The copy of the command log does not go on.'],
  retention_failing: ['warning', 'Old records or keys could not be forgotten.'],
  config_reload_failed: [
    'warning',
    'This process could not take a change of its configuration, and goes on with what it has.',
  ],
  audit_lost: ['critical', 'Denials or failures left no audit entry.'],
} as const

export type OperationName = keyof typeof operations

/** Numbers and short texts; errors are codes and names, and no id, payload or tenant is among them. */
export interface OperationFacts {
  readonly [name: string]: string | number
}
export interface OperationalEvent {
  readonly name: OperationName
  readonly severity: OperationSeverity
  /** What it is about: the name of a read model, a subscriber or a queue, the place of a source; empty for the app as a whole. */
  readonly subject: string
  /** RFC 3339: when it began, or was noticed. */
  readonly since: string
  /** When it was over; absent while it is not. */
  readonly endedAt: string | undefined
  /** As they were last. */
  readonly facts: OperationFacts
}
/** Called when an operational event begins, and again when it is over. What it throws is ignored: watching never fails the work. */
export type OnOperation = (event: OperationalEvent) => void
