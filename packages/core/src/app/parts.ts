// Everything of a started app that is used while it runs and stopped at its end.
import type { Engine } from '../dispatch/engine.ts'
import type { Follower } from '../pump/follower.ts'
import type { Catalogue } from './catalogue.ts'

export interface Parts {
  readonly engine: Engine
  readonly catalogue: Catalogue
  readonly followers: readonly Follower[]
  /** Ends the followers and frees what is held, in order; the store last. */
  stop(): Promise<void>
}
