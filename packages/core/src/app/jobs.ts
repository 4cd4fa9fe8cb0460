// Jobs as a started app has them: a worker where there is something to run, and what the app and its operators ask and do.
import { nothingKept, withoutMarked } from '../command-log/payload.ts'
import type { ContractParts } from '../contracts/contract.ts'
import type { Job } from '../contracts/messages.ts'
import { createGate } from '../dispatch/gate.ts'
import type { Engine } from '../dispatch/engine.ts'
import { outgoingKey } from '../dispatch/outgoing.ts'
import { enqueue } from '../queue/enqueue.ts'
import type { Enqueued, EnqueueRequest } from '../queue/enqueue.ts'
import type { JobsSettings } from '../queue/options.ts'
import { createJobWorker } from '../queue/worker.ts'
import type { JobWorker, JobWorkerParts, JobWorkerStatus } from '../queue/worker.ts'
import { admit } from '../registry/registry.ts'
import type { OpenBackend } from '../stores/backend.ts'
import { defaultQueue } from '../stores/job/job-terms.ts'
import type { JobRow } from '../stores/job/job.ts'
import type { JobChange, JobFilter, QueueState } from '../stores/job/job-store.ts'
import type { Page, PageRequest } from '../stores/store.ts'
import { deadline } from '../time/deadline.ts'

export type EnqueueOptions = Pick<EnqueueRequest, 'context' | 'commandId'>

/** A job with what it was given, as far as it may be shown. */
export interface JobDetail extends JobRow {
  /** JSON text; fields that the contract marks are replaced. Absent when nobody can say what is marked. */
  readonly payload: string | undefined
  /** The fields that were replaced; `*` when nothing is shown. */
  readonly redacted: readonly string[]
}
/**
 * Jobs of all processes. Whoever holds the app may use all of it: no permission is checked here. Errors: `store_*`.
 * Reference: docs/reference/jobs.md.
 */
export interface AppJobs {
  /**
   * Stores jobs that no command leaves, together or not at all. The same `commandId` again stores nothing and is told the first outcome.
   * Errors: `invalid_input`, `invalid_output`, `payload_too_large`, `nested_dispatch`, `invalid_key`, `app_stopped`, `outcome_unknown`,
   * `command_conflict`; plain ones for options, and for a job without a handler.
   */
  enqueue(jobs: Job<string, unknown> | readonly Job<string, unknown>[], options?: EnqueueOptions): Promise<Enqueued>
  /** Jobs, newest first. Errors: also `invalid_key`, `invalid_cursor`; a `RangeError` for the page. */
  list(filter?: JobFilter, page?: PageRequest): Promise<Page<JobRow>>
  /** How many jobs the filter finds. */
  total(filter?: JobFilter): Promise<number>
  /** One job, by its id; absent when there is none, or it was forgotten. `tenant`: default that of an app without tenants. */
  get(jobId: string, tenant?: string): Promise<JobDetail | undefined>
  /** Queues that have jobs or are paused. */
  queues(): Promise<readonly QueueState[]>
  /** Cancels, requeues, discards or hurries: those that were listed, or all that a filter finds; how many. Others are left alone. */
  change(change: JobChange): Promise<number>
  /** Nothing more is taken from a queue, in all processes, until it is resumed. What runs goes on. */
  pause(queue: string): Promise<void>
  resume(queue: string): Promise<void>
  /** This process takes nothing more; resolves when nothing runs in it. Errors: `deadline_exceeded` after `deadlineMs` (default 10,000). */
  drain(options?: { readonly deadlineMs?: number | undefined }): Promise<void>
  /** The worker of this process; absent when it has none. */
  readonly status: JobWorkerStatus | undefined
}
export interface OpenedJobs {
  readonly jobs: AppJobs
  /** Begins. */
  run(): void
  /** Takes nothing more, gives what runs its time (default 10,000 ms), and gives the rest back. Never rejects. */
  stop(patienceMs?: number): Promise<void>
}
export interface JobsParts {
  readonly name: string
  readonly engine: Engine
  readonly backend: OpenBackend
  readonly settings: JobsSettings
  readonly onEnd?: JobWorkerParts['onEnd']
}

const drainMsDefault = 10_000
const idForm = /^(.+)\.j(0|[1-9]\d{0,8})$/s

/** A worker that does not run yet, if there is one to run. */
export function openJobs(parts: JobsParts): OpenedJobs {
  const { engine: outer, backend, name } = parts
  const { jobs: store } = backend
  const { alarms, outgoing } = outer
  // What jobs send goes through a gate of its own, which stays open for them while the app lets nobody else in.
  const engine: Engine = { ...outer, gate: createGate(name) }
  const worker = workerOf(parts, engine)
  return {
    jobs: {
      enqueue: async (jobs, options) => enqueue(outer, { ...options, jobs: 'kind' in jobs ? [jobs] : jobs }),
      list: async (filter = {}, page) => store.list(filter, page),
      total: async (filter) => store.total(filter),
      get: async (jobId, tenant = '') => {
        const [, commandId, index] = idForm.exec(jobId) ?? []
        const found = commandId === undefined ? undefined : await store.get(tenant, commandId, Number(index))
        if (found === undefined) return undefined
        const { data, context: _, ...row } = found
        const { text: payload, redacted } = shown(outgoing.get(outgoingKey({ kind: 'job', type: row.type })), data)
        return { ...row, payload, redacted }
      },
      queues: async () => store.queues(),
      change: async (change) => {
        const count = await store.change(change)
        if (count > 0) worker?.wake()
        return count
      },
      pause: async (queue) => store.pause(queue, true),
      resume: async (queue) => {
        await store.pause(queue, false)
        worker?.wake()
      },
      drain: async ({ deadlineMs = drainMsDefault } = {}) => {
        const limit = deadline(alarms, deadlineMs, undefined)
        try {
          if (worker !== undefined) await limit.race('the jobs of this process were running', worker.drain())
        } finally {
          limit.release()
        }
      },
      get status() {
        return worker?.status
      },
    },
    run: () => void worker?.run(),
    stop: async (patienceMs) => {
      await worker?.stop(patienceMs)
      await engine.gate.close()
    },
  }
}

/** In a process without a role or with the role `worker`, on a store that may be changed, and where there is a job that it can run. */
function workerOf({ settings, backend, onEnd }: JobsParts, engine: Engine): JobWorker | undefined {
  const { role, registry } = engine
  if (!settings.enabled || backend.readOnly === true || (role !== undefined && role !== 'worker')) return undefined
  const types = registry
    .contractsForRole(role ?? 'any')
    .filter(({ kind }) => kind === 'job')
    .map(({ type }) => type)
  if (types.length === 0) return undefined
  const named = types.flatMap((type) => admit(registry, 'job', type, role).contract.settings?.queue ?? [])
  const queues = [...new Set([defaultQueue, ...named, ...settings.queues])]
  return createJobWorker({
    engine,
    jobs: backend.jobs,
    settings,
    types,
    queues,
    isShared: backend.shared === true,
    onEnd,
  })
}

/** Without a contract nobody can say what is secret. */
function shown(contract: ContractParts | undefined, data: string): ReturnType<typeof withoutMarked> {
  if (contract === undefined) return nothingKept
  return contract.redact === undefined ? { text: data, redacted: [] } : withoutMarked(data, contract.redact)
}
