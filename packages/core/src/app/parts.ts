// Everything of a started app that is used while it runs and stopped at its end.
import type { Engine } from '../dispatch/engine.ts'
import type { Follower } from '../pump/follower.ts'
import type { Catalogue } from './catalogue.ts'
import type { AppStores } from './running.ts'
import type { Encryption } from './encryption.ts'
import type { Erasing } from './erasing.ts'
import type { AppOutbox } from './outbox.ts'
import type { Subscribing } from './subscribing.ts'

export interface Parts {
  readonly engine: Engine
  readonly catalogue: Catalogue
  readonly followers: readonly Follower[]
  readonly stores: AppStores
  /** Both absent when the app was given no encryption. */
  readonly encryption: Encryption | undefined
  readonly erasing: Erasing | undefined
  readonly subscribing: Subscribing
  readonly outbox: AppOutbox
  /** Ends what follows the log and frees what is held, in order; the store last. */
  stop(): Promise<void>
}
