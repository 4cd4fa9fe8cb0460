// Secrets in files, one each.
import { isAbsolute, normalize } from 'node:path'
import type { SecretProvider } from '@gesta/core'
import { GestaError } from '@gesta/core/host'
import { secretIn } from './secrets-folder.ts'
import { settableOptions } from './settable.ts'
import type { SettableOptions } from './settable.ts'

/**
 * `secret:file:/run/secrets/name`; one line break at the end of the file is no part of it. Errors: plain ones for options; of a
 * reference `secret_unavailable`. Reference: docs/reference/configuration.md.
 */
export function fileSecrets(options: SettableOptions = {}): SecretProvider {
  const isNamed = settableOptions(options, 'fileSecrets()')
  return {
    name: 'file',
    // A path of dots could lead out of a folder that is named.
    isSettable: (path) => isAbsolute(path) && normalize(path) === path && isNamed(path),
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
