// What went wrong, in one line with its code, and without secrets.
import type { ErrorCode } from '@gesta/core/host'
import { UsageError } from './usage-error.ts'

/** `store_locked: Expected ...`. What is no error of gesta, and has no code of the system either, is `failed`. */
export function sentenceOf(error: unknown): string {
  const code = error instanceof UsageError ? 'usage' : (codeOf(error) ?? 'failed')
  const message = error instanceof Error ? error.message : String(error)
  return withoutSecrets(`${code}: ${message.replaceAll(/\s*\n\s*/g, ' ').trim()}`)
}

/**
 * Whether an error has this code of gesta. By code alone: the app of a configuration may bring another copy of core, with another
 * class of errors.
 */
export function hasCode(error: unknown, code: ErrorCode): boolean {
  return codeOf(error) === code
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return error.code
}

/** URLs lose user and password; text may quote what somebody typed, even a URL that cannot be read as one. */
export function withoutSecrets(text: string): string {
  return text
    .replaceAll(/(postgres(?:ql)?:(?:\/\/)?)\S*@/gi, '$1')
    .replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"']*@/gi, '$1')
    .replaceAll(/\b(password|sslpassword)=[^\s&"']*/gi, '$1=...')
}
