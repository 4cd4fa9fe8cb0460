// The seen store in a file: what a worker is given to remember over restarts what it has dealt with.
import { resolve } from 'node:path'
import { checkOptions, checkWhole, seenIdsMaxDefault } from '@gesta/core/ports'
import type { SeenStore, SingleStore } from '@gesta/core/ports'
import { openFileSeenStore } from './seen-store.ts'

export interface FileSeenOptions {
  /** Ids that are kept for each subscription, from 1; default 10,000. */
  readonly idsMax?: number | undefined
}

/**
 * A seen store in the file at `path`, which is made when it is missing. One process has it open.
 * Errors when it is opened: `store_locked`, `store_foreign`, `store_full`, `store_read_only`, `store_unavailable`.
 * Reference: docs/reference/delivery.md.
 */
export function fileSeen(path: string, options: FileSeenOptions = {}): SingleStore<SeenStore> {
  checkOptions(options, ['idsMax'], 'fileSeen()')
  if (path === '') throw new Error('Expected the path of a file, received an empty text.')
  const { idsMax = seenIdsMaxDefault } = options
  checkWhole(idsMax, 'option idsMax', 1)
  return { backend: 'file', open: ({ clock }) => openFileSeenStore({ path: resolve(path), idsMax, clock }) }
}
