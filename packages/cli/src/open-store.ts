// Opens the store that a command works on: the one of the configuration, or one that the command line names.
import { readOnly } from '@gesta/core'
import type { Backend } from '@gesta/core'
import { systemRuntime } from '@gesta/core/host'
import type { OpenBackend } from '@gesta/core/ports'
import type { ValueOption, ValuesOf } from './command.ts'
import type { Config } from './config.ts'
import { configOption, loadConfig } from './load-config.ts'
import { namedStore } from './named-store.ts'
import type { Terminal } from './terminal.ts'
import { UsageError } from './usage-error.ts'

export const storeOptions: {
  readonly config: ValueOption
  readonly store: ValueOption
  readonly schema: ValueOption
} = {
  ...configOption,
  store: { value: 'STORE', about: 'sqlite:PATH or postgres:URL, instead of the store of the configuration' },
  schema: { value: 'NAME', about: 'the schema of a postgres store (default: gesta)' },
}

export interface OpenedStore extends AsyncDisposable {
  /** `sqlite`, `postgres`, ... */
  readonly backend: string
  readonly store: OpenBackend
}

/** `read`: whatever the command does, nothing in the store changes. Errors: `UsageError`; `store_*`. */
export async function openStore(
  values: ValuesOf<typeof storeOptions>,
  { folder }: Terminal,
  purpose: 'read' | 'change' = 'change',
): Promise<OpenedStore> {
  const chosen = await chosenStore(values, folder)
  const backend = purpose === 'read' ? readOnly(chosen) : chosen
  const store = await backend.open(systemRuntime())
  return { backend: backend.backend, store, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

/** The store that a configuration describes. */
export async function storeOf({ store }: Config): Promise<Backend> {
  return typeof store === 'function' ? store() : store
}

async function chosenStore({ config, store, schema }: ValuesOf<typeof storeOptions>, folder: string): Promise<Backend> {
  if (store !== undefined) return namedStore(store, schema, folder)
  if (schema !== undefined) throw new UsageError('Expected --schema together with --store.')
  return storeOf(await loadConfig(config, folder))
}
