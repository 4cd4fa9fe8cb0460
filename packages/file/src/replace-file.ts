// Puts a file in the place of another one: whoever looks, also after a crash at any point, finds the old bytes or the new ones. The
// new ones are written aside and flushed to the disk; then the name changes hands in one step, and the folder is flushed.
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isFileError } from './file-errors.ts'

export interface Replacement {
  /** Where the file is to be. Its folder is made when it is missing. */
  readonly path: string
  /** Where it is written first: on the same file system, under a name that nobody else uses. */
  readonly aside: string
  readonly parts: readonly Uint8Array[]
  /** Called before each step, for tests that end the process there. */
  readonly atStep?: ((step: string) => void) | undefined
}

/** Folders may vanish under a writer, when another process empties them. */
const attemptsMax = 20
/** What the file system then says; the second when Node's recursive `mkdir` finds a folder that is gone when it looks again. */
const vanished = ['ENOENT', 'ENOTDIR'] as const

/** Errors: those of the file system; the old file is then still there, or the new one. */
export async function replaceFile(replacement: Replacement): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await tryToReplace(replacement)
    } catch (error) {
      await rm(replacement.aside, { force: true }).catch(() => undefined)
      if (attempt === attemptsMax || !isFileError(error, ...vanished)) throw error
    }
  }
}

async function tryToReplace({ path, aside, parts, atStep }: Replacement): Promise<void> {
  atStep?.('begin')
  await makeFolder(dirname(path))
  await makeFolder(dirname(aside))
  atStep?.('write')
  const file = await open(aside, 'wx')
  try {
    for (const part of parts) {
      await file.writeFile(part)
      atStep?.('part written')
    }
    await file.sync()
  } finally {
    await file.close()
  }
  atStep?.('rename')
  await rename(aside, path)
  atStep?.('flush folder')
  await flushFolder(dirname(path))
  atStep?.('end')
}

/** Makes a folder with all that lead to it, and flushes what holds a new one. */
export async function makeFolder(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true })
  if (first === undefined) return
  const end = dirname(first)
  for (let parent = dirname(path); parent.length >= end.length; parent = dirname(parent)) {
    await flushFolder(parent)
    if (parent === dirname(parent)) return
  }
}

/** Makes the names in a folder last, also through a power cut. A folder that is gone has none. */
export async function flushFolder(path: string): Promise<void> {
  // Windows has no such call, and writes names through.
  if (process.platform === 'win32') return
  try {
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error
  }
}
