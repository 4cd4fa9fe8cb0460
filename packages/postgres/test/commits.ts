// Commits for the tests of this package.
import type { Commit, Verdict } from '@gesta/core/ports'

export const tenant = 't'
/** A commit of one event to the stream `aggregateId`. */
export function commitOf(
  commandId: string,
  aggregateId: string,
  fields: Partial<Commit> & { readonly data?: string } = {},
): Commit {
  const { data = '{}', ...rest } = fields
  return {
    commandId,
    tenant,
    context: '{}',
    recordedAt: 1_700_000_000_000_000,
    streams: [
      {
        aggregateType: 'Order',
        aggregateId,
        expectation: 'any',
        events: [{ type: 'Order.Changed', schemaVersion: 1, data }],
      },
    ],
    reads: [],
    header: {
      commandType: 'Order.Change',
      outcome: 'accepted',
      answer: undefined,
      version: undefined,
      fingerprint: undefined,
    },
    idempotency: undefined,
    messages: [],
    jobs: [],
    audit: [],
    ...rest,
  }
}
export const isStored = ({ verdict }: Verdict): boolean => verdict === 'stored'
export const oneTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)
