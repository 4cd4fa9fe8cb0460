// Loads the configuration that a command works on.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ValueOption } from './command.ts'
import { defineConfig } from './config.ts'
import type { Config } from './config.ts'
import { UsageError } from './usage-error.ts'

const names = ['gesta.config.ts', 'gesta.config.js', 'gesta.config.mjs']

export const configOption: { readonly config: ValueOption } = {
  config: { value: 'FILE', about: `the configuration (default: ${names[0]}, .js or .mjs in this folder)` },
}

/** `given`: what the command line names. Errors: `UsageError` when there is none; plain ones for one that is wrong. */
export async function loadConfig(given: string | undefined, folder: string): Promise<Config> {
  const path = configPath(given, folder)
  const loaded = (await import(pathToFileURL(path).href)) as { readonly default?: unknown }
  if (typeof loaded.default !== 'object' || loaded.default === null)
    throw new Error(
      `Expected ${path} to end with "export default defineConfig({ app, store })", but it exports no default.`,
    )
  return defineConfig(loaded.default as Config)
}

function configPath(given: string | undefined, folder: string): string {
  const found = (given === undefined ? names : [given])
    .map((name) => resolve(folder, name))
    .find((path) => existsSync(path))
  if (found !== undefined) return found
  throw new UsageError(
    given === undefined
      ? `Expected a configuration in ${folder}, found none of ${names.join(', ')}. Name it with --config FILE; commands that need a store only take --store.`
      : `Expected a configuration at ${resolve(folder, given)}, but there is no file.`,
  )
}
