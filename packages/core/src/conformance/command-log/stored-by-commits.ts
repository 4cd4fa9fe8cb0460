// Records as commits: what an app's engine does with a command, so that a log of headers can be held against the same cases as a log
// of its own.
import { stored, stream } from '../event-store/given.ts'
import type { Commit, OutcomeKind } from '../../stores/commit.ts'
import type { CommandRecord } from '../../stores/command-log/command-record.ts'
import type { EventStore } from '../../stores/event/event-store.ts'
import { messageId } from '../../stores/outbox/message-id.ts'

/** Stores a commit for each record, one after the other. Returns the records as they are to be found. */
export async function storeByCommits(
  events: EventStore,
  records: readonly CommandRecord[],
): Promise<readonly CommandRecord[]> {
  const found: CommandRecord[] = []
  for (const record of records) {
    const { tenant, commandId } = record
    const { commitNo, position } = await stored(events, commitOf(record))
    found.push({
      ...record,
      events: record.events.map((_, index) => ({
        id: `${commandId}.${index}`,
        position: position - record.events.length + 1 + index,
      })),
      messages: record.messages.map((_, index) => messageId(events.identity, { tenant, commandId, index })),
      jobs: record.jobs.map((_, index) => `${commandId}.j${index}`),
      commitNo,
    })
  }
  return found
}

/** The commit that leaves this record. */
function commitOf({ tenant, commandId, commandType, recordedAt, context, status, ...record }: CommandRecord): Commit {
  const { durationUs = 0, payload, metadata, error, permission, idempotencyKey, duplicateOf, retries } = record
  const { events, messages, jobs, redacted, truncated } = record
  return {
    tenant,
    commandId,
    recordedAt,
    context,
    header: {
      commandType,
      outcome: status as OutcomeKind,
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
    detail: {
      durationUs,
      payload,
      metadata,
      error,
      permission,
      idempotencyKey,
      duplicateOf,
      retries,
      messages: messages.length,
      jobs: jobs.length,
      redacted,
      truncated,
    },
    streams:
      events.length === 0
        ? []
        : [
            stream(
              commandId,
              'any',
              events.map(() => '{}'),
            ),
          ],
    reads: [],
    idempotency: undefined,
    messages: messages.map(() => ({ key: 'a', type: 'Order.Placed', schemaVersion: 1, data: '{}' })),
    jobs: jobs.map(() => ({ type: 'Order.Pack', data: '{}' })),
    audit: [],
  }
}
