// The module that the commands of `gesta config` work on: it exports a definition, and how it is opened.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openConfig } from '@gesta/core'
import type { Config, ConfigDefinition, ConfigOptions } from '@gesta/core'
import type { ValueOption } from './command.ts'
import { UsageError } from './usage-error.ts'

export const moduleOption: { readonly module: ValueOption } = {
  module: { value: 'FILE', about: 'the module that exports definition, and options for check and show' },
}

export interface ConfigModule {
  /** As `defineConfig` of `@gesta/core` gives it. */
  readonly definition: ConfigDefinition<unknown>
  /** Opens it as the app does, without flags: those of this command are others. Errors: `UsageError`; as `openConfig`. */
  open(): Promise<Config<unknown>>
}

/** Errors: `UsageError`; what the module throws. */
export async function loadConfigModule(given: string | undefined, folder: string): Promise<ConfigModule> {
  if (given === undefined) throw new UsageError('Expected --module FILE, received none. It exports a definition.')
  const path = resolve(folder, given)
  if (!existsSync(path)) throw new UsageError(`Expected a module at ${path}, but there is no file.`)
  const { definition, options } = (await import(pathToFileURL(path).href)) as {
    readonly definition?: ConfigDefinition<unknown>
    readonly options?: ConfigOptions | (() => ConfigOptions | Promise<ConfigOptions>)
  }
  if (definition === undefined || typeof definition.docs !== 'function')
    throw new UsageError(`Expected ${given} to export definition, as defineConfig() of @gesta/core gives it.`)
  return {
    definition,
    open: async () => {
      const own = typeof options === 'function' ? await options() : options
      if (own === undefined)
        throw new UsageError(`Expected ${given} to export options, or a function that returns them, for openConfig().`)
      return openConfig(definition, { ...own, sources: own.sources?.filter(({ kind }) => kind !== 'flags') })
    },
  }
}
