// What the log in memory keeps of outgoing messages: the commit adds them, the outbox store does the rest.
import type { Commit, Receipt } from '../commit.ts'
import type { HeldFacts, OutboxMessage } from './outbox-store.ts'

export interface OutgoingRow {
  readonly message: OutboxMessage
  /** Of its commit. */
  readonly position: number
}
export interface MemoryOutgoing {
  /** In order. */
  rows: OutgoingRow[]
  /** In no order. */
  readonly held: Map<OutgoingRow, HeldFacts>
  cursor: number
  /** The highest one that was settled with. */
  fencingToken: number
}

export function createMemoryOutgoing(): MemoryOutgoing {
  return { rows: [], held: new Map(), cursor: 0, fencingToken: 0 }
}

export function addMessages({ rows }: MemoryOutgoing, commit: Commit, { commitNo, position }: Receipt): void {
  const { tenant, commandId, context, recordedAt } = commit
  for (const [index, { key, type, schemaVersion, data }] of commit.messages.entries()) {
    const message = { commitNo, index, tenant, commandId, key, type, schemaVersion, data, context, recordedAt }
    rows.push({ message, position })
  }
}
