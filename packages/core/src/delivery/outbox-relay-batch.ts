// What of the outbox goes to the broker at once: the messages of one commit, or a single one that was held; and what becomes of it.
import { decode } from '../codec/json.ts'
import { redactError } from '../errors/redact-error.ts'
import { createEnvelope } from '../registry/envelope.ts'
import type { Envelope } from '../registry/envelope.ts'
import type { BackendRuntime } from '../stores/backend.ts'
import type { LogIdentity } from '../stores/event/event-store.ts'
import { messageId } from '../stores/outbox/message-id.ts'
import type { HeldFacts, HeldMessage, OutboxMessage } from '../stores/outbox/outbox-store.ts'
import { contextOf } from '../stores/stored-context.ts'
import { backoffMs } from '../time/backoff.ts'
import type { OutboxSettings } from './outbox-relay-options.ts'

export interface OutboxBatch {
  /** At least one; all of one commit. */
  readonly messages: readonly OutboxMessage[]
  /** Their keys, each with its tenant, each once. */
  readonly keys: readonly string[]
  /** How it is held; absent when it was never tried. */
  readonly facts?: HeldFacts
  /** Absent until it is known: sent, or held from now on. */
  outcome?: 'sent' | HeldFacts
}

/** One batch for each commit. */
export function batchesOf(page: readonly OutboxMessage[]): readonly OutboxBatch[] {
  const batches: OutboxBatch[] = []
  for (let from = 0; from < page.length;) {
    let to = from + 1
    while (to < page.length && page[to]?.commitNo === page[from]?.commitNo) to += 1
    const messages = page.slice(from, to)
    batches.push({ messages, keys: [...new Set(messages.map(keyOf))] })
    from = to
  }
  return batches
}

export function batchOfHeld(message: HeldMessage): OutboxBatch {
  const { state, attempts, dueAt, lastError, lastAttemptAt } = message
  return { messages: [message], keys: [keyOf(message)], facts: { state, attempts, dueAt, lastError, lastAttemptAt } }
}

export function keyOf({ tenant, key }: { readonly tenant: string; readonly key: string }): string {
  return `${tenant}\0${key}`
}

/** The batch as it travels. Throws for data that is no JSON. */
export function envelopesOf({ messages }: OutboxBatch, source: string, log: LogIdentity): readonly Envelope[] {
  return messages.map(({ commitNo, index, tenant, commandId, key, type, schemaVersion, data, context }) => {
    const { traceparent, correlationId = commandId } = contextOf(context)
    return createEnvelope(messageId(log, { tenant, commandId, index }), 'integration', type, decode(data), {
      traceparent,
      schemaVersion,
      source,
      key,
      sequence: `${commitNo}-${index}`,
      tenant: tenant === '' ? undefined : tenant,
      correlationId,
    })
  })
}

/**
 * What a batch is held with after it failed. Of several messages nobody knows which one was at fault, so that counts for none: they
 * go one by one from now on.
 */
export function failed(
  { messages, facts }: OutboxBatch,
  error: unknown,
  { attemptsMax, backoff }: OutboxSettings,
  { clock, ids }: BackendRuntime,
): HeldFacts {
  const nowUs = clock.nowUs()
  const attempts = (facts?.attempts ?? 0) + (messages.length === 1 ? 1 : 0)
  const lastError = redactError(error)
  if (attempts >= attemptsMax) return { state: 'dead', attempts, dueAt: nowUs, lastError, lastAttemptAt: nowUs }
  const dueAt = nowUs + Math.ceil(backoffMs(backoff, Math.max(1, attempts), ids.random) * 1000)
  return { state: 'waiting', attempts, dueAt, lastError, lastAttemptAt: nowUs }
}

/** What a batch is held with because a message of its key waits: as before, or due at once, after that one. */
export function behind({ facts }: OutboxBatch, nowUs: number): HeldFacts {
  return facts ?? { state: 'waiting', attempts: 0, dueAt: nowUs }
}
