// Stores jobs that no command leaves: a commit without streams that carries them, with its record in the command log.
import { checkPayloadSize, encode } from '../codec/json.ts'
import { checkKey } from '../codec/key-text.ts'
import type { Job } from '../contracts/messages.ts'
import type { Attempt } from '../dispatch/command-recording.ts'
import { emptyCommit } from '../dispatch/empty-commit.ts'
import type { Engine } from '../dispatch/engine.ts'
import { termsOf } from '../dispatch/job-terms.ts'
import { refuseNested } from '../dispatch/nesting.ts'
import { outgoingKey } from '../dispatch/outgoing.ts'
import { placed } from '../dispatch/placed.ts'
import { findGestaError, GestaError } from '../errors/gesta-error.ts'
import { emptyContext, tenantOf } from '../request-context/request-context.ts'
import type { RequestContext } from '../request-context/request-context.ts'
import { parse } from '../schema/parse.ts'
import type { Commit, NewJob, StoredHeader, Verdict } from '../stores/commit.ts'
import { encodeSender } from '../stores/job/job-sender.ts'
import { jobId } from '../stores/job/job.ts'
import { backoffMs } from '../time/backoff.ts'

export interface EnqueueRequest {
  /** One or more; they are stored together or not at all. */
  readonly jobs: readonly Job<string, unknown>[]
  /** On whose behalf they run. Default: nobody in particular. */
  readonly context?: RequestContext | undefined
  /** Names the commit: the same id again stores nothing, and is told the first outcome, whatever it asks for. Default: a new id. */
  readonly commandId?: string | undefined
  /** As the command log has it. Default `Gesta.Enqueue`. */
  readonly commandType?: string | undefined
}
export interface Enqueued {
  readonly commandId: string
  readonly tenant: string
  /** The ids of the jobs, in their order; those of the first outcome when it was stored before. */
  readonly jobIds: readonly string[]
  /** Whether this call stored them. */
  readonly isFirst: boolean
}
type Enqueuing = Pick<
  Engine,
  'registry' | 'gate' | 'store' | 'clock' | 'ids' | 'places' | 'outgoing' | 'recording' | 'sealing'
>

const enqueueCommand = 'Gesta.Enqueue'
const repetitionsMax = 4
const repetitionDelay = { firstMs: 20, maxMs: 500 }

/**
 * Errors: `invalid_input`, `invalid_output` and `payload_too_large` for what the job does not take; `nested_dispatch` inside a handler; `invalid_key`,
 * `app_stopped`, `store_*`; `outcome_unknown` with the command id; `command_conflict` when the id is another command's; plain ones for
 * options, and for a job that the app has no handler for.
 */
export async function enqueue(engine: Enqueuing, request: EnqueueRequest): Promise<Enqueued> {
  const { jobs, commandType = enqueueCommand } = request
  const [first] = jobs
  if (first === undefined) throw new Error('Expected one or more jobs to enqueue, received none.')
  refuseNested(engine.registry, commandType)
  engine.gate.enter()
  try {
    const context = placed(engine, first.type, request.context ?? emptyContext)
    const attempt = attemptOf(engine, commandType, context, request.commandId)
    const written = await Promise.all(jobs.map((message) => textOf(engine, message, attempt.arrivedAt)))
    const detail = engine.recording?.detailOf(attempt, undefined, 0, jobs.length)
    const empty = await emptyCommit(attempt, 'accepted', detail, engine.sealing)
    const commit: Commit = { ...empty, context: encodeSender(context), jobs: written }
    const verdict = await stored(engine, commit)
    if (verdict.verdict === 'duplicate') return await earlier(engine, attempt, verdict.header)
    engine.recording?.committed()
    return enqueued(attempt, jobs.length, true)
  } finally {
    engine.gate.leave()
  }
}

function attemptOf(
  { clock, ids }: Enqueuing,
  type: string,
  context: RequestContext,
  named: string | undefined,
): Attempt {
  const tenant = tenantOf(context)
  if (tenant !== '') checkKey(tenant, 'the tenant')
  if (named !== undefined) checkKey(named, 'the command id')
  return {
    type,
    contract: undefined,
    commandId: named ?? ids.newId(),
    tenant,
    context,
    options: {},
    raw: undefined,
    canonical: undefined,
    arrivedAt: clock.nowUs(),
    startedUs: clock.monotonicUs(),
    fingerprint: undefined,
    retries: 0,
  }
}

async function textOf({ outgoing }: Enqueuing, message: Job<string, unknown>, arrivedAt: number): Promise<NewJob> {
  const { type } = message
  const contract = outgoing.get(outgoingKey(message))
  if (contract === undefined)
    throw new Error(`The job ${type} has no handler in the app. Add its handler to a domain of the app.`)
  const terms = termsOf(contract, message, arrivedAt)
  const data = encode(await parse(contract.input, message.data, 'invalid_input', `the job ${type}`), `the job ${type}`)
  checkPayloadSize(data, `the job ${type}`)
  return { type, data, terms }
}

/** An outcome that the store did not tell is settled by the same commit again. */
async function stored(
  { store, clock, ids }: Enqueuing,
  commit: Commit,
): Promise<Extract<Verdict, { verdict: 'stored' | 'duplicate' }>> {
  for (let repetition = 1; ; repetition++) {
    try {
      const verdict = await store.commit(commit)
      if (verdict.verdict !== 'conflict') return verdict
      throw new Error('A commit without streams met a conflict.')
    } catch (cause) {
      if (findGestaError(cause, 'outcome_unknown') === undefined) throw cause
      if (repetition > repetitionsMax) throw unknown(commit, cause)
      const delayMs = backoffMs(repetitionDelay, repetition, ids.random)
      await new Promise<void>((resolve) => clock.after(delayMs, resolve))
    }
  }
}

function unknown({ commandId }: Commit, cause: unknown): GestaError {
  const message = `The store did not say whether the jobs of ${commandId} were stored. Enqueue them again with this commandId: they will never be stored twice.`
  return new GestaError('outcome_unknown', message, { cause, facts: { commandId } })
}

async function earlier({ store }: Enqueuing, attempt: Attempt, header: StoredHeader): Promise<Enqueued> {
  const { commandId, type: commandType, tenant } = attempt
  if (header.commandType !== commandType || header.outcome !== 'accepted')
    throw new GestaError(
      'command_conflict',
      `The command id ${commandId} is taken by another ${header.commandType}. Use a new id for new jobs.`,
      { facts: { commandId, commandType: header.commandType } },
    )
  const { jobs = [] } = (await store.parts(tenant, commandId)) ?? {}
  return enqueued(attempt, jobs.length, false)
}

function enqueued({ commandId, tenant }: Attempt, count: number, isFirst: boolean): Enqueued {
  return {
    commandId,
    tenant,
    isFirst,
    jobIds: Array.from({ length: count }, (_, index) => jobId({ commandId, index })),
  }
}
