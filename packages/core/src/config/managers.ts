// What the domain `Config` does with an opened configuration, beside what programs may.
import type { GestaError } from '../errors/gesta-error.ts'
import type { Clock } from '../time/clock.ts'
import type { Candidate } from './candidate.ts'
import type { NamedValues } from './config-contracts.ts'
import type { ConfigReload } from './config.ts'

/** What administrators have set, as the log has it. */
export interface StoredValues {
  /** Of the stream; 0 when nothing was ever set. */
  readonly version: number
  /** JSON values by path. */
  readonly values: { readonly [path: string]: unknown }
}
/** A reload that has ended, with the version of the stored values that are in force now. */
export interface ManagedReload {
  readonly reload: ConfigReload
  readonly storedVersion: number
}
export interface Manager {
  /**
   * A reload with these values on top. They stay there when it succeeds. `begins`: keys marked restart may change too, and keys whose values
   * are refused are left aside, as `config.status` tells; later only those that were refused in an earlier version.
   */
  adopt(values: StoredValues, begins: boolean): Promise<ConfigReload>
  /** What would come of these values; nothing changes. */
  try(values: NamedValues): Promise<Candidate>
  /** After each reload. Returns what ends it. */
  onReload(listener: (reload: ManagedReload) => void): () => void
  /** What is in force. Its version is the last one of which no key was left aside. */
  readonly stored: StoredValues | undefined
  /** Of the last reload, when it failed. */
  readonly lastError: GestaError | undefined
  /** Tells whoever follows that there are other values. */
  ring(stored: StoredValues): void
  onRing(listener: (stored: StoredValues) => void): () => void
  /** How this process is called, once it follows. */
  process: string | undefined
  readonly clock: Clock
}

const managers = new WeakMap<object, Manager>()

/** Errors: a plain one for something that `openConfig()` did not return. */
export function managerOf(config: object): Manager {
  const manager = managers.get(config)
  if (manager === undefined) throw new Error('Expected an opened configuration, as openConfig() resolves to.')
  return manager
}

/** For the manager alone. */
export function registerManager(config: object, manager: Manager): void {
  managers.set(config, manager)
}
