// Deeds: what was handed to a store, and what the store said of it. They can be sent as JSON.
import { isGestaError } from '../../errors/gesta-error.ts'
import type { ErrorCode } from '../../errors/codes.ts'
import type { Commit, Verdict } from '../../stores/commit.ts'
import type { CommitOptions, EventStore } from '../../stores/event/event-store.ts'

/** `withdrawn`: the caller's signal called it back. `refused`: with this code, or as a mistake of the caller without one. */
export type Said =
  | Verdict
  | { readonly verdict: 'withdrawn' }
  | { readonly verdict: 'refused'; readonly code: ErrorCode | undefined }

export interface Deed {
  readonly commit: Commit
  readonly said: Said
  /** A commit number that was stored already when this commit was handed in: what the store says of it is about then or later. */
  readonly after: number
}

/** Hands a commit in and keeps what is said; other errors than refusals are thrown. */
export async function attempt(
  store: EventStore,
  commit: Commit,
  after: number,
  options: CommitOptions = {},
): Promise<Deed> {
  try {
    return { commit, said: await store.commit(commit, options), after }
  } catch (error) {
    if (options.signal?.aborted === true && error === options.signal.reason)
      return { commit, said: { verdict: 'withdrawn' }, after }
    if (isGestaError(error, 'invalid_key') || isGestaError(error, 'invalid_output'))
      return { commit, said: { verdict: 'refused', code: error.code }, after }
    if (error instanceof Error && /Expected each stream once/.test(error.message))
      return { commit, said: { verdict: 'refused', code: undefined }, after }
    throw error
  }
}

/** The commit number that a caller knows of after it was told this. */
export function known({ said, after }: Deed): number {
  if (said.verdict === 'stored') return Math.max(after, said.commitNo)
  return said.verdict === 'duplicate' ? Math.max(after, said.header.commitNo) : after
}
