// What a configuration is read from: the port of a source, and the port of a store of secrets.
import type { ConfigKey } from './keys.ts'

/** From the weakest to the strongest: what stands further on takes the place of what stands before it. */
export const sourceKinds = ['file', 'environment_file', 'environment', 'secrets', 'flags'] as const
export type ConfigSourceKind = (typeof sourceKinds)[number]

/** What a source says now. */
export interface ConfigLayer {
  /** Groups and values, nested as the keys are. */
  readonly values: unknown
  /** Whether all values are texts, such as those of an environment; a text is then read as JSON where its schema takes no text. */
  readonly isText?: boolean | undefined
  /** Where something stands, such as `shop.yaml:12`. */
  readonly where?: ((parts: readonly string[]) => string | undefined) | undefined
  /** Names that are the configuration's and of no key, with the one that was probably meant. */
  readonly unknown?:
    | readonly { readonly name: string; readonly near?: string | undefined; readonly where?: string | undefined }[]
    | undefined
}

/** A source of values. An error keeps the configuration as it is, so whoever cannot read says so and gives nothing. */
export interface ConfigSource {
  /** For people: problems and origins name it. */
  readonly name: string
  /** Where it stands in the order of sources; of two of a kind the later one of the list is stronger. */
  readonly kind: ConfigSourceKind
  /** Reads it all. Errors: `config_unreadable`, with nothing of its content. */
  read(keys: readonly ConfigKey[], signal: AbortSignal): Promise<ConfigLayer>
  /** Calls `changed` when reading again may give something else. Absent: it does not change. */
  follow?(changed: () => void): AsyncDisposable
}

/** A store of secrets. */
export interface SecretProvider {
  /** The word after `secret:` in references. */
  readonly name: string
  /**
   * The secret behind `reference`, what follows `secret:<name>:`. Errors: any; what is told of it is the code of a `GestaError` with its
   * message, of others the kind alone.
   */
  resolve(reference: string, signal: AbortSignal): Promise<string>
  /**
   * Whether administrators may set this reference through the API; absent: none. Who sets a secret may also set where it is sent, so this
   * is what they can read. It must hold for exactly what `resolve` would read.
   */
  isSettable?(reference: string): boolean
}

/** The origin of what was set through the API. */
export const administrator = 'administrator'

export interface ConfigOrigin {
  /** The name of the source; `default`, or `administrator` for what was set through the API. */
  readonly source: string
  /** Such as `shop.yaml:12`. */
  readonly where?: string | undefined
}

/** A source with what it says, ready to be merged. */
export interface ReadLayer extends ConfigLayer {
  readonly source: string
}
