// Commits for the tests of this package, and a store in a folder of its own.
import { join } from 'node:path'
import type { AuditEntry, Commit, OpenBackend, Verdict } from '@gesta/core/ports'
import { writtenCommit } from '../src/commit-cells.ts'
import type { WrittenCommit } from '../src/commit-cells.ts'
import { sqlite } from '../src/index.ts'
import type { SqliteOptions } from '../src/index.ts'
import { newFolder, runtime } from './place.ts'

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
export function auditEntry(action: string, fields: Partial<AuditEntry> = {}): AuditEntry {
  return { action, actor: 'alice', resource: 'Order/a', outcome: 'succeeded', data: '{}', ...fields }
}
/** Commits as the writer thread gets them. */
export const written = (...commits: readonly Commit[]): readonly WrittenCommit[] => commits.map(writtenCommit)
export const isStored = ({ verdict }: Verdict): boolean => verdict === 'stored'
export const oneTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1)

/** A folder with the path of a store in it; `open` opens the store. */
export async function newStore(): Promise<
  { readonly path: string; open(options?: SqliteOptions): Promise<OpenBackend> } & AsyncDisposable
> {
  const folder = await newFolder()
  const path = join(folder.path, 'store.db')
  return {
    path,
    open: (options) => sqlite(path, options).open(runtime),
    [Symbol.asyncDispose]: async () => folder[Symbol.asyncDispose](),
  }
}
