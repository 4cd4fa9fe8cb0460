// Batches to the broker, also while it comes and goes: round after round, until every one has an outcome.
import type { HeldFacts } from '../stores/outbox/outbox-store.ts'
import { backoffMs } from '../time/backoff.ts'
import { pause } from '../time/unless-aborted.ts'
import { behind, failed } from './outbox-relay-batch.ts'
import type { OutboxBatch } from './outbox-relay-batch.ts'
import { sendInLanes } from './outbox-relay-lanes.ts'
import { sendBatch } from './outbox-relay-send.ts'
import type { SendParts } from './outbox-relay-send.ts'
import { createSuspects } from './outbox-relay-suspects.ts'

export interface DeliverParts extends SendParts {
  /** Whether another batch may go. */
  readonly isOpen: () => boolean
  /** Ends waiting. */
  readonly leaving: AbortSignal
  /** Ends sending. */
  readonly ending: AbortSignal
  /** Told that the broker is away, and that it is there again. */
  readonly onBroker: (isAway: boolean) => void
  /** Told what went wrong and is tried again. */
  readonly onTrouble: (cause: unknown) => void
}
interface Rounds {
  /** Notes the batches that are done; the others. */
  done(batches: readonly OutboxBatch[]): readonly OutboxBatch[]
  /** Keeps what was noted, before waiting. Whether it was not refused. */
  settle(): Promise<boolean>
  /** What else can go while some wait for the broker. Without it, delivering ends after one wait. */
  more?(rest: readonly OutboxBatch[]): Promise<readonly OutboxBatch[]>
}

/**
 * Delivers batches, each behind those of its keys and of the `waiting` ones. Resolves to whether no settlement was refused; some may
 * have no outcome then, because nothing may go any more or the broker is away. Errors: `store_*` of `settle`.
 */
export type Deliver = (batches: readonly OutboxBatch[], waiting: Set<string>, rounds: Rounds) => Promise<boolean>

export function createDeliver(parts: DeliverParts): Deliver {
  const { settings, runtime, isOpen, leaving, ending, onBroker, onTrouble } = parts
  const { clock, ids } = runtime
  const suspects = createSuspects()
  /** Rounds in succession in which the broker was away. */
  let away = 0
  // After an outage one batch goes ahead of the others.
  const inFlightMax = (): number => (away > 0 ? 1 : settings.inFlightMax)
  const behindNow = (batch: OutboxBatch): HeldFacts => behind(batch, clock.nowUs())

  const send = async (batch: OutboxBatch): Promise<OutboxBatch['outcome']> => {
    const number = suspects.begin()
    const came = await sendBatch(parts, batch, ending)
    if (came === undefined) return undefined
    if (typeof came === 'object' && 'away' in came) {
      onTrouble(came.away)
      return suspects.isToBlame(batch) ? failed(batch, came.away, settings, runtime) : undefined
    }
    suspects.answered(batch, number)
    if (away > 0) onBroker(false)
    away = 0
    return came
  }
  const nothingMore = (cause: unknown): readonly OutboxBatch[] => {
    onTrouble(cause)
    return []
  }

  return async (batches, waiting, { done, settle, more }) => {
    const lanes = { waiting, inFlightMax, isOpen, isLast: suspects.has, send, behind: behindNow }
    for (let rest = batches; ;) {
      await sendInLanes(rest, lanes)
      rest = done(rest)
      if (rest.length === 0 || !isOpen()) return true
      away += 1
      onBroker(true)
      // Nothing that is done is sent again if this process ends while it waits.
      if (!(await settle())) return false
      await pause(clock, backoffMs(settings.brokerBackoff, away, ids.random), leaving).catch(() => undefined)
      if (more === undefined) return true
      if (isOpen()) rest = [...rest, ...(await more(rest).catch(nothingMore))]
    }
  }
}
