// A commit that no command of the app makes: streams that grow whatever others do to them meanwhile. Handed in again under its id until
// the store has said that it has it.
import { findGestaError } from '../errors/gesta-error.ts'
import type { Ids } from '../ids/ids.ts'
import type { Token } from '../contracts/recorded-event.ts'
import { encodeContext } from '../request-context/request-context.ts'
import type { Commit, StreamAppend, Verdict } from '../stores/commit.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Tokens } from '../stores/event/token.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'

export interface OwnCommitParts {
  readonly store: Pick<EventStore, 'commit'>
  readonly tokens: Tokens
  readonly clock: Clock
  readonly ids: Ids
  /** Called when it is not certain what was stored. */
  unsure(): void
}
export interface OwnCommit {
  /** The command type in its header. */
  readonly commandType: string
  readonly tenant: string
  /** Appended with the expectation `any`. */
  readonly streams: readonly StreamAppend[]
}

const repetitionsMax = 4
const repetitionDelay = { firstMs: 20, maxMs: 500 }

/** Errors: `store_*`; `outcome_unknown`: do it again, which is harmless. */
export async function commitOwn(
  { store, tokens, clock, ids, unsure }: OwnCommitParts,
  { commandType, tenant, streams }: OwnCommit,
): Promise<{ readonly token: Token }> {
  const commit: Commit = {
    commandId: ids.newId(),
    tenant,
    context: encodeContext(tenant === '' ? {} : { targetTenant: tenant }),
    recordedAt: clock.nowUs(),
    streams,
    reads: [],
    header: { commandType, outcome: 'accepted', answer: undefined, version: undefined, fingerprint: undefined },
    idempotency: undefined,
    messages: [],
    jobs: [],
    audit: [],
  }
  for (let repetition = 1; ; repetition++) {
    try {
      const verdict = await store.commit(commit)
      if (repetition > 1) unsure()
      return { token: tokens.token(positionOf(verdict), commit.commandId) }
    } catch (cause) {
      unsure()
      if (findGestaError(cause, 'outcome_unknown') === undefined || repetition > repetitionsMax) throw cause
      const delayMs = backoffMs(repetitionDelay, repetition, ids.random)
      await new Promise<void>((resolve) => clock.after(delayMs, resolve))
    }
  }
}

/** It asks nothing of its streams, so what is no success is what an attempt before has stored. */
function positionOf(verdict: Verdict): number {
  if (verdict.verdict === 'stored') return verdict.position
  if (verdict.verdict === 'duplicate') return verdict.header.position
  throw new Error(`Expected the change of ${verdict.stream.aggregateId} to be stored, received a conflict.`)
}
