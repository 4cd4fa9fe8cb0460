// The loop over an event source: receive, deliver, acknowledge; give back what failed, wait, go on. What delivering means is the caller's.
import type { Role } from '../contracts/messages.ts'
import { GestaError } from '../errors/gesta-error.ts'
import { redactError } from '../errors/redact-error.ts'
import { observationNames } from '../observation/observation-names.ts'
import type { EventBatch, EventSource } from '../registry/delivery-ports.ts'
import type { EnvelopeDraft } from '../registry/envelope.ts'
import { observeEvent } from '../registry/registry.ts'
import type { Registry } from '../registry/registry.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Backoff } from '../time/backoff.ts'
import { onAbort } from '../time/on-abort.ts'
import { pause, unlessAborted } from '../time/unless-aborted.ts'

/** A batch that went wrong without stopping the loop. Ready for a log, except for `cause`. */
export interface BatchFailure {
  /** `deliver`: the batch was given back. `mark`: it was delivered and acknowledged, and its ids could not be kept as seen. */
  readonly step: 'deliver' | 'mark'
  /** How many times in succession delivering has failed now; 0 for `mark`. */
  readonly attempt: number
  /** Milliseconds until the next attempt; 0 for `mark`. */
  readonly waitMs: number
  readonly eventIds: readonly string[]
  /** Codes and names along the chain of causes, without messages. */
  readonly error: string
  /** The error itself. Its message may hold what an event held, so it does not belong in a log. */
  readonly cause: unknown
}

/** What every loop over a source takes. */
export interface LoopOptions {
  /** Cancels: waiting ends at once, and the loop rejects with the signal's reason. Subscribers see the same signal. */
  readonly signal?: AbortSignal | undefined
  /** Stops gently: no further batch is taken, the one in hand is finished, and the loop resolves. */
  readonly drain?: AbortSignal | undefined
  /** How long to wait after a batch that was given back, growing with each failure in succession. Default: from 100 ms to 30 s. */
  readonly backoff?: Backoff | undefined
  /** Told of every batch that went wrong without stopping the loop. What it throws is ignored. */
  readonly onFailure?: ((failure: BatchFailure) => void) | undefined
  /** Clock, ids and randomness. Default: those of this process. */
  readonly runtime?: BackendRuntime | undefined
}
export const loopOptionNames = ['signal', 'drain', 'backoff', 'onFailure', 'runtime'] as const

export interface LoopWork {
  /** Delivers the events of a batch that is not empty. What it returns runs when the batch was acknowledged, and may fail. */
  deliver(events: readonly EnvelopeDraft[], signal: AbortSignal): Promise<(() => Promise<void>) | undefined>
  /** Called for every event of a batch as the step begins. */
  observe(step: 'receive' | 'ack' | 'nack', event: EnvelopeDraft): void
}

/** Tells the registry's observer of each event of a batch as a step begins; without a registry nobody. */
export function observeSteps(registry: Registry | undefined, role: Role | undefined): LoopWork['observe'] {
  if (registry === undefined) return () => undefined
  return (step, event) => observeEvent(registry, stepNames[step], event, role)
}

const stepNames = {
  receive: observationNames.workerReceiveEventBatch,
  ack: observationNames.workerAckEventBatch,
  nack: observationNames.workerNackEventBatch,
}
const backoffDefault: Backoff = { firstMs: 100, maxMs: 30_000 }

/** Resolves when the source is closed or the loop was drained. Rejects with the reason of `signal`, or with what stops the loop. */
export async function runBatchLoop(
  source: EventSource,
  work: LoopWork,
  options: LoopOptions,
  runtime: BackendRuntime,
): Promise<void> {
  const { backoff = backoffDefault, drain, signal: cancel = new AbortController().signal } = options
  const stop = drain === undefined ? cancel : AbortSignal.any([cancel, drain])
  try {
    for (let failures = 0; !stop.aborted;) {
      const { outcome, cause, eventIds } = await turn(source, work, cancel, stop, options)
      if (outcome === 'closed') break
      if (outcome === 'delivered') failures = 0
      if (outcome !== 'givenBack') continue
      failures += 1
      const waitMs = backoffMs(backoff, failures, runtime.ids.random)
      tell(options, { step: 'deliver', attempt: failures, waitMs, eventIds, cause })
      await pause(runtime.clock, waitMs, stop).catch(() => undefined)
    }
  } catch (error) {
    // Who cancels is told that, whatever came of what was going on.
    cancel.throwIfAborted()
    throw error
  }
  cancel.throwIfAborted()
}

interface Turn {
  readonly outcome: 'closed' | 'empty' | 'delivered' | 'givenBack'
  readonly cause?: unknown
  readonly eventIds: readonly string[]
}

/** One batch, from receiving to settling. Its signal ends with it, so that the source knows what is still in hand. */
async function turn(
  source: EventSource,
  work: LoopWork,
  cancel: AbortSignal,
  stop: AbortSignal,
  options: LoopOptions,
): Promise<Turn> {
  const hold = new AbortController()
  try {
    const batch = await receive(source, hold, stop)
    if (batch === undefined) return { outcome: 'closed', eventIds: [] }
    const eventIds = batch.events.map((event) => (event as EnvelopeDraft | undefined)?.id ?? '')
    for (const event of batch.events) work.observe('receive', event)
    if (batch.events.length === 0) {
      await batch.ack?.({ signal: cancel })
      return { outcome: 'empty', eventIds }
    }
    let delivered: (() => Promise<void>) | undefined
    try {
      delivered = await work.deliver(batch.events, cancel)
    } catch (cause) {
      cancel.throwIfAborted()
      await giveBack(batch, cause, work, cancel)
      return { outcome: 'givenBack', cause, eventIds }
    }
    if (batch.ack !== undefined) {
      for (const event of batch.events) work.observe('ack', event)
      await batch.ack({ signal: cancel })
    }
    await delivered?.().catch((cause: unknown) =>
      tell(options, { step: 'mark', attempt: 0, waitMs: 0, eventIds, cause }),
    )
    return { outcome: 'delivered', eventIds }
  } finally {
    hold.abort()
  }
}

/** The next batch; `undefined` when the source is closed or the loop shall stop. */
async function receive(source: EventSource, hold: AbortController, stop: AbortSignal): Promise<EventBatch | undefined> {
  const place = onAbort(stop, () => hold.abort(stop.reason))
  try {
    // A source that does not look at its signal must not keep the loop from stopping.
    return await unlessAborted(hold.signal, source.receiveEventBatch({ signal: hold.signal }))
  } catch (error) {
    if (stop.aborted) return undefined
    throw error
  } finally {
    place.leave()
  }
}

async function giveBack(batch: EventBatch, cause: unknown, work: LoopWork, cancel: AbortSignal): Promise<void> {
  if (batch.nack === undefined) throw cause
  for (const event of batch.events) work.observe('nack', event)
  try {
    await batch.nack(cause, { signal: cancel })
  } catch (nackError) {
    const both = new AggregateError([cause, nackError], 'Delivering failed, and giving the batch back failed too.', {
      cause,
    })
    throw new GestaError(
      'nack_failed',
      'Expected the source to take a batch back that could not be delivered, but that failed too. Both errors are underneath; look at the source first.',
      { cause: both },
    )
  }
}

function tell({ onFailure }: LoopOptions, failure: Omit<BatchFailure, 'error'>): void {
  try {
    onFailure?.({ ...failure, error: redactError(failure.cause) })
  } catch {
    // Watching never fails the work.
  }
}
