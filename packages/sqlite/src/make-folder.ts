// The folder that a file of ours lies in.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { GestaError } from '@gesta/core/ports'

/** Makes the folder of the file at `path` when it is missing. Errors: `store_read_only`. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
  } catch (cause) {
    throw new GestaError(
      'store_read_only',
      `Expected to make the folder of ${path}, but it cannot be made. Make it, with the right to write there.`,
      { cause, facts: { path } },
    )
  }
}
