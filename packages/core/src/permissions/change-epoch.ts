// Moves an epoch for a change that is no event of the app: a commit of its own, of which the store must have said that it has it.
import type { Epoch } from '../contracts/permissions-changed.ts'
import type { Token } from '../contracts/recorded-event.ts'
import { epochAppend, streamOfEpoch } from '../dispatch/advances.ts'
import { findGestaError } from '../errors/gesta-error.ts'
import type { Ids } from '../ids/ids.ts'
import { encodeContext } from '../request-context/request-context.ts'
import type { Commit, Verdict } from '../stores/commit.ts'
import type { EventStore } from '../stores/event/event-store.ts'
import type { Tokens } from '../stores/event/token.ts'
import { backoffMs } from '../time/backoff.ts'
import type { Clock } from '../time/clock.ts'

export interface ChangeParts {
  readonly store: EventStore
  readonly tokens: Tokens
  readonly clock: Clock
  readonly ids: Ids
  /** Called when it is not certain what was stored. */
  unsure(): void
}

/** The command type in the headers of such commits. */
const changeCommand = 'Gesta.ChangePermissions'
const repetitionsMax = 4
const repetitionDelay = { firstMs: 20, maxMs: 500 }

/** Errors: `store_*`; `outcome_unknown`: change it again, which is harmless. */
export async function changeEpoch(
  { store, tokens, clock, ids, unsure }: ChangeParts,
  epoch: Epoch,
  tenant: string,
): Promise<{ readonly token: Token }> {
  const stream = streamOfEpoch(epoch, tenant)
  const commit: Commit = {
    commandId: ids.newId(),
    tenant: stream.tenant,
    context: encodeContext(stream.tenant === '' ? {} : { targetTenant: stream.tenant }),
    recordedAt: clock.nowUs(),
    streams: [epochAppend(stream)],
    reads: [],
    header: {
      commandType: changeCommand,
      outcome: 'accepted',
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
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

/** It asks nothing of its stream, so what is no success is what an attempt before has stored. */
function positionOf(verdict: Verdict): number {
  if (verdict.verdict === 'stored') return verdict.position
  if (verdict.verdict === 'duplicate') return verdict.header.position
  throw new Error(`Expected the change of ${verdict.stream.aggregateId} to be stored, received a conflict.`)
}
