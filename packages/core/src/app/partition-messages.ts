// What the main thread and a worker that builds a part of a view say to each other. One question at a time, in both directions.
import type { PartFolded } from '../pump/partitions.ts'
import type { StoredEvent } from '../stores/event/event-store.ts'
import type { RowKey } from '../stores/read-model/read-model-store.ts'

/** What a worker is started with. */
export interface PartitionData {
  readonly name: string
  readonly modelVersion: number
  /** The URL of the module that exports the read model. */
  readonly module: string
  /** The real names of the read model's own tables. */
  readonly tables: { readonly [name: string]: string }
}
export type ToPartition =
  | { readonly kind: 'fold'; readonly events: readonly StoredEvent[] }
  | { readonly kind: 'loaded'; readonly texts: readonly (string | undefined)[] }
  | { readonly kind: 'unloaded'; readonly message: string }
export type FromPartition =
  | { readonly kind: 'ready' }
  | { readonly kind: 'load'; readonly keys: readonly RowKey[] }
  | { readonly kind: 'folded'; readonly folded: PartFolded }
  | { readonly kind: 'failed'; readonly message: string }
