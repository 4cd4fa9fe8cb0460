// Commits for the tests of the queue, from the few fields that matter there.
import type { Commit } from '../../../src/stores/commit.ts'

export interface CommitShape {
  readonly commandId: string
  readonly tenant?: string
  readonly writes?: readonly string[]
  readonly reads?: readonly string[]
  readonly key?: string | undefined
  readonly data?: string
}

export function commitOf({ commandId, tenant = 't', writes = [], reads = [], key, data = '{}' }: CommitShape): Commit {
  const name = (aggregateId: string) => ({ aggregateType: 'Order', aggregateId })
  return {
    commandId,
    tenant,
    context: '{}',
    recordedAt: 1,
    streams: writes.map((id) => ({
      ...name(id),
      expectation: 'any',
      events: [{ type: 'Order.Changed', schemaVersion: 1, data }],
    })),
    reads: reads.map((id) => ({ ...name(id), version: 0 })),
    header: {
      commandType: 'Order.Change',
      outcome: 'accepted',
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
    idempotency: key === undefined ? undefined : { sender: 'alice', key, fingerprint: 'f' },
    messages: [],
    jobs: [],
    audit: [],
  }
}
