// What the view thread is asked, and what it answers: the only way in which anything of a view is written.
import type { Checkpoint, CrashPoint, Flush, ParkedRequest, ViewName, ViewPlan } from '@gesta/core/ports'
import type { Cell } from './database.ts'

/** A flush on its way to the thread. */
export interface SentFlush extends Pick<Flush, 'statements' | 'park' | 'unpark' | 'fencingToken'> {
  /** Of this flush alone, so that it is recognized when it is sent again. */
  readonly id: string
  readonly expected: Checkpoint
  readonly next: Checkpoint
  /** Tenant, key and value (null deletes) of each row in turn. */
  readonly cells: readonly Cell[]
}
/** Tables of a read model's own, and what makes them when they are not there. */
export interface SentTables {
  readonly names: readonly string[]
  readonly create: readonly string[]
}
export type ViewMessage = { readonly path: string } & (
  | { readonly do: 'open'; readonly view: ViewName; readonly tables: SentTables | undefined }
  /** `again`: an earlier attempt may have written it. */
  | { readonly do: 'flush'; readonly view: ViewName; readonly flush: SentFlush; readonly again: boolean }
  | { readonly do: 'claim'; readonly view: ViewName; readonly fencingToken: number }
  | { readonly do: 'ask'; readonly view: ViewName; readonly request: ParkedRequest }
  | { readonly do: 'reset'; readonly view: ViewName }
  | { readonly do: 'remove' }
  /** `path` is the folder of the views from here on. */
  | { readonly do: 'views' }
  | { readonly do: 'plan' | 'removePlan'; readonly name: string; readonly modelVersion: number }
  | {
      readonly do: 'changePlan'
      readonly name: string
      readonly modelVersion: number
      readonly next: ViewPlan
      readonly again: boolean
    }
)
export interface ViewThreadData {
  readonly crash: CrashPoint | undefined
}
/** The answer to a statement of a read model's own that failed; nothing was changed. */
export interface RefusedStatement {
  readonly refused: string
}
