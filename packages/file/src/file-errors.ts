// What the file system says, as the codes that callers of a store know.
import { GestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'

const codes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOSPC: ['store_full', 'but the disk is full. Nothing was changed; make room and try again.'],
  EDQUOT: ['store_full', 'but the quota of its user is used up. Nothing was changed; make room and try again.'],
  EFBIG: ['store_full', 'but the file system takes no file of this size. Choose another one.'],
  EROFS: ['store_read_only', 'but the file system is read-only. Give this process the right to write there.'],
  EACCES: ['store_read_only', 'but the rights forbid it. Give this process the right to read and write there.'],
  EPERM: ['store_read_only', 'but the rights forbid it. Give this process the right to read and write there.'],
}

/** The error that a caller sees; errors of something else stay what they are. `path` is the folder of the store. */
export function fileError(error: unknown, path: string): unknown {
  const reason = reasonOf(error)
  if (reason === undefined) return error
  const [code, message] = codes[reason] ?? [
    'store_unavailable',
    'but the file system failed. Nothing was changed; look at the cause and try again.',
  ]
  return new GestaError(code, `Expected to use the files in ${path}, ${message} The system said: ${reason}.`, {
    cause: error,
    facts: { path, reason },
  })
}

/** Whether the file system said one of these. */
export function isFileError(error: unknown, ...reasons: readonly string[]): boolean {
  const reason = reasonOf(error)
  return reason !== undefined && reasons.includes(reason)
}

function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
