// One path for one file, over whatever links it is named, so that it has one lock.
import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isFileError } from './file-errors.ts'

/** The path behind all links; of a file that is not there yet, that in its folder. Errors: those of the file system. */
export async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (!isFileError(error, 'ENOENT')) throw error
    return join(await realpath(dirname(path)), basename(path))
  }
}
