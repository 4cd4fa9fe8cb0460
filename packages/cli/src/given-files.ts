// Files that the command line names: what is read from them, and what is written to new ones.
import { open, readFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UsageError } from './usage-error.ts'

/** The text of a file. Errors: `UsageError` when there is none. */
export async function textIn(option: string, path: string, folder: string): Promise<string> {
  try {
    return await readFile(resolve(folder, path), 'utf8')
  } catch (cause) {
    throw new UsageError(`Expected --${option} to name a file that can be read, received "${path}" (${codeOf(cause)}).`)
  }
}

/**
 * Writes pieces to a file that must not be there yet, for its owner alone: what is written here says who did what. Resolves to the bytes.
 * Errors: `UsageError` when the file cannot be made; what the pieces throw, and then there is no file: half of it would look like all.
 */
export async function writeNew(
  option: string,
  path: string,
  folder: string,
  pieces: AsyncIterable<string> | Iterable<string>,
): Promise<number> {
  const place = resolve(folder, path)
  await using file = await open(place, 'wx', 0o600).catch((cause: unknown) => {
    throw new UsageError(`Expected --${option} to name a file that can be made, received "${path}" (${codeOf(cause)}).`)
  })
  let bytes = 0
  try {
    for await (const piece of pieces) bytes += (await file.write(piece)).bytesWritten
    await file.sync()
  } catch (error) {
    await rm(place, { force: true })
    throw error
  }
  return bytes
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
}
