// What the harness and its writing process say to each other, one JSON text per line.
import type { Commit, Verdict } from '@gesta/core/ports'
import type { CrashPoint } from '@gesta/core/testing'

/** The first line that a process is sent: what it opens, and where it shall end. */
export interface Opening {
  readonly store: 'sqlite' | 'postgres'
  /** A path or a URL. */
  readonly at: string
  readonly crash?: CrashPoint | undefined
}
/** Every line after that. */
export interface HandIn {
  readonly number: number
  readonly commit: Commit
  readonly lane: 'normal' | 'bulk'
}

/** What a store says of a commit. */
export type Said = Verdict | { readonly verdict: 'failed'; readonly code: string | undefined; readonly message: string }

/** Lines of the process: one when it is open, then one for each commit that it was handed. */
export type FromWriter = { readonly ready: true } | { readonly number: number; readonly said: Said }
