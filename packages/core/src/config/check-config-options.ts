// What openConfig() may be told.
import { checkOptions } from '../schema/options.ts'
import { checkWhole } from '../stores/check-text.ts'
import type { ConfigOptions } from './config.ts'
import { administrator, sourceKinds } from './config-source.ts'

const optionNames = ['sources', 'secrets', 'readTimeoutMs', 'prepareTimeoutMs', 'retryMs'] as const

/** Errors: plain ones and a `RangeError`. */
export function checkConfigOptions(options: ConfigOptions): void {
  checkOptions(options, optionNames, 'openConfig()')
  const { sources = [], secrets = [], readTimeoutMs = 1, prepareTimeoutMs = 1, retryMs = 1 } = options
  for (const source of sources)
    if (!sourceKinds.includes(source.kind) || typeof source.read !== 'function')
      throw new Error(
        `Expected every source of the configuration to have a kind of ${sourceKinds.join(', ')} and read().`,
      )
  if (sources.some(({ name }) => name === administrator))
    throw new Error(`No source of the configuration is named "${administrator}": what is set through the API is.`)
  const names = secrets.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new Error(`The configuration has two stores of secrets named "${twice}". Rename one.`)
  checkWhole(readTimeoutMs, 'option readTimeoutMs', 1, 600_000)
  checkWhole(prepareTimeoutMs, 'option prepareTimeoutMs', 1, 600_000)
  checkWhole(retryMs, 'option retryMs', 1, 600_000)
}
