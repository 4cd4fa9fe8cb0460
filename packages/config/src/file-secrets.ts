// Secrets in files, one each.
import { isAbsolute } from 'node:path'
import type { SecretProvider } from '@gesta/core'
import { GestaError } from '@gesta/core/host'
import { secretIn } from './secrets-folder.ts'

/**
 * `secret:file:/run/secrets/name`; one line break at the end of the file is no part of it. Errors of a reference: `secret_unavailable`.
 * Reference: docs/reference/configuration.md.
 */
export function fileSecrets(): SecretProvider {
  return {
    name: 'file',
    resolve: async (path, signal) => {
      if (!isAbsolute(path))
        throw new GestaError('secret_unavailable', 'Expected the path of a secret to be absolute, like /run/secrets/x.')
      try {
        return await secretIn(path, signal)
      } catch (cause) {
        signal.throwIfAborted()
        const message = cause instanceof Error ? cause.message : `Expected ${path} to be a file.`
        throw new GestaError('secret_unavailable', message, { cause })
      }
    },
  }
}
