// Secrets in the environment of the process.
import type { SecretProvider } from '@gesta/core'
import { GestaError } from '@gesta/core/host'

/** `secret:env:NAME`. Errors of a reference: `secret_unavailable`. Reference: docs/reference/configuration.md. */
export function environmentSecrets(
  variables: { readonly [name: string]: string | undefined } = process.env,
): SecretProvider {
  return {
    name: 'env',
    resolve: async (name) => {
      const value = variables[name]
      if (value !== undefined) return value
      throw new GestaError('secret_unavailable', `Expected a variable ${name} in the environment, received none.`)
    },
  }
}
