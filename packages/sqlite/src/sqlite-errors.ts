// What SQLite says, as the codes that callers of a store know. Result codes: https://sqlite.org/rescode.html
import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { findGestaError, GestaError } from '@gesta/core/ports'
import type { ErrorCode } from '@gesta/core/ports'

/** What SQLite says of a statement that it cannot make sense of. */
export const sqlError = 1
/** What it says of one that would change a table that it may not. */
export const notAllowed = 23
const [busy, locked, readOnly, ioError, corrupt, full, cannotOpen, notADatabase] = [5, 6, 8, 10, 11, 13, 14, 26]

/** SQLite's primary result code, or `undefined` for an error of something else. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  // The upper bits say more about the same failure.
  return error.errcode & 0xff
}
export function isIoError(error: unknown): boolean {
  return resultCode(error) === ioError
}
export function isReadOnly(error: unknown): boolean {
  return resultCode(error) === readOnly
}
export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === busy || code === locked
}

/** Whether an error is about the file and no single commit: who waits for the same file need not find out one by one. */
export function isOfFile(error: unknown): boolean {
  const code = findGestaError(error)?.code
  return code === 'store_unavailable' || code === 'store_read_only' || code === 'store_foreign'
}

/** The error that a caller sees; errors of something else stay what they are. `path` is the file that was used. */
export function storeError(error: unknown, path: string): unknown {
  const result = resultCode(error)
  if (result === undefined) return error
  const [code, message] = explain(result, path)
  return new GestaError(code, `${message} SQLite said: ${(error as Error).message}.`, {
    cause: error,
    facts: { path, result },
  })
}

function explain(result: number, path: string): readonly [ErrorCode, string] {
  if (result === full)
    return [
      'store_full',
      `Expected room for ${path}, but its disk (or bytesMax) is full. Nothing was changed; make room and try again, the store goes on by itself.`,
    ]
  if (result === readOnly || (result === cannotOpen && !isWritable(dirname(path))))
    return [
      'store_read_only',
      `Expected to write ${path}, but the file, its folder or its disk is read-only. Give this process the right to write there.`,
    ]
  if (result === corrupt || result === notADatabase)
    return [
      'store_foreign',
      `Expected ${path} to be a store of gesta, but it is another kind of file or damaged. Restore it from a backup, or choose another path.`,
    ]
  if (result === cannotOpen)
    return [
      'store_unavailable',
      `Expected to open ${path}, but it cannot be opened. Look at the path and the rights of its folder.`,
    ]
  if (result === busy || result === locked)
    return [
      'store_unavailable',
      `Expected to write ${path}, but another program keeps it locked. Close what has the file open, such as a database browser.`,
    ]
  return ['store_unavailable', `Expected ${path} to answer, but it failed. Nothing was changed.`]
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
