// An opened configuration, as the program sees it.
import type { GestaError } from '../errors/gesta-error.ts'
import type { ConfigOrigin, ConfigSource, SecretProvider } from './config-source.ts'
import type { ConfigDefinition } from './definition.ts'

/** The steps of a reload. What fails in one of them changes nothing. */
export type ConfigStep = 'parse' | 'validate' | 'resolve' | 'prepare'

export interface ConfigOptions {
  /** Where values come from. Their kinds say which one is stronger; of two of a kind it is the later one. */
  readonly sources?: readonly ConfigSource[] | undefined
  /** Stores of secrets that references name. */
  readonly secrets?: readonly SecretProvider[] | undefined
  /** Milliseconds that one source or secret may take, 1 to 600,000. Default 10,000. */
  readonly readTimeoutMs?: number | undefined
  /** Milliseconds that one subscriber may prepare, and then take in what has changed, 1 to 600,000. Default 10,000. */
  readonly prepareTimeoutMs?: number | undefined
  /** Milliseconds after which a reload is tried again that a source or a store of secrets failed; doubled up to a minute. Default 5,000. */
  readonly retryMs?: number | undefined
}

/** What a reload changed. */
export interface ConfigChange {
  /** Paths of keys whose value is another one now. */
  readonly changed: readonly string[]
  /** Paths of keys that have another value, which is in force after a restart. */
  readonly pending: readonly string[]
}
/** Whoever has to do something before, or after, a change is in force. */
export interface ConfigSubscriber<Values> {
  /** Gets ready for the values that are to come. What it throws refuses them: everything stays as it is. */
  readonly prepare?: ((next: Values, change: ConfigChange, signal: AbortSignal) => unknown) | undefined
  /** They are in force. What it throws is noted in the status and stops nobody. */
  readonly changed?: ((current: Values, change: ConfigChange) => unknown) | undefined
  /** What it prepared for does not come, because another one refused. */
  readonly abandoned?: ((next: Values) => unknown) | undefined
}

export type ConfigReload =
  | ({ readonly ok: true; readonly version: number } & ConfigChange)
  | { readonly ok: false; readonly step: ConfigStep; readonly error: GestaError }

export interface ConfigStatus {
  /** Of this process: 1 when it was opened, one more with each change that is in force. */
  readonly version: number
  /** RFC 3339, UTC: when the values that are in force came. */
  readonly since: string
  /** Keys that have another value after a restart. */
  readonly pending: readonly string[]
  /** Keys that an administrator has set to what this process refuses: they have the value that they would have without it. */
  readonly leftAside: readonly string[]
  /** The last reload that failed, or that left keys aside, until one succeeds. */
  readonly failure:
    | { readonly at: string; readonly step: ConfigStep; readonly code: string; readonly reason: string }
    | undefined
  readonly reloads: number
  readonly failures: number
  /** Why a subscriber could not follow the last change, as codes and names. */
  readonly subscriberFailure: string | undefined
}

/** A key as people are shown it. */
export interface ShownKey {
  readonly key: string
  /** JSON; `(secret)` for secrets. */
  readonly value: string
  readonly source: string
  readonly where?: string | undefined
  readonly reload: 'hot' | 'restart'
  readonly secret: boolean
  /** Whether another value waits for a restart. */
  readonly pending: boolean
}

/** An opened configuration. Reference: docs/reference/configuration.md. */
export interface Config<Values> extends AsyncDisposable {
  readonly definition: ConfigDefinition<Values>
  /** Frozen, and replaced as a whole: read it once for what belongs together. */
  readonly current: Values
  readonly status: ConfigStatus
  /** Calls a function after each change, or a subscriber before and after it. Returns what ends it. */
  on(subscriber: ConfigSubscriber<Values> | ((current: Values, change: ConfigChange) => unknown)): () => void
  /** Reads all sources again. Never rejects: what fails is told, and keeps the values that are in force. */
  reload(): Promise<ConfigReload>
  /** Where the value of a key came from. Errors: a plain one for a key that there is not. */
  origin(key: string): ConfigOrigin
  /** All keys with what they are and where it came from, secrets hidden. */
  show(): readonly ShownKey[]
}
