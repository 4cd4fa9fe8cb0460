// Secrets in the environment of the process.
import type { SecretProvider } from '@gesta/core'
import { GestaError } from '@gesta/core/host'
import { settableOptions } from './settable.ts'
import type { SettableOptions } from './settable.ts'

/** `secret:env:NAME`. Errors: plain ones for options; of a reference `secret_unavailable`. Reference: docs/reference/configuration.md. */
export function environmentSecrets(
  variables: { readonly [name: string]: string | undefined } = process.env,
  options: SettableOptions = {},
): SecretProvider {
  return {
    name: 'env',
    isSettable: settableOptions(options, 'environmentSecrets()'),
    resolve: async (name) => {
      const value = variables[name]
      if (value !== undefined) return value
      throw new GestaError('secret_unavailable', `Expected a variable ${name} in the environment, received none.`)
    },
  }
}
