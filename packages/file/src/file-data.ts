// The data store in a folder: what an app is given to keep its objects as files.
import { resolve } from 'node:path'
import { checkOptions } from '@gesta/core/ports'
import type { DataStore, SingleStore } from '@gesta/core/ports'
import { createFileDataStore } from './data-store.ts'
import { openDataFolder } from './data-folder.ts'

export interface FileDataOptions {
  /** Answers every question and refuses every change; the folder must be one already. Default: no. */
  readonly readOnly?: boolean | undefined
}

/**
 * Objects as files in a folder of their own, which is made when it is missing. Several processes may use one folder at once.
 * Errors when the app starts: `store_foreign`, `store_newer`, `store_read_only`, `store_full`, `store_unavailable`.
 * Reference: docs/reference/file.md.
 */
export function fileData(folder: string, options: FileDataOptions = {}): SingleStore<DataStore> {
  checkOptions(options, ['readOnly'], 'fileData()')
  if (folder === '') throw new Error('Expected the path of a folder, received an empty text.')
  const { readOnly = false } = options
  return {
    backend: 'file',
    open: async ({ clock }) => createFileDataStore(await openDataFolder(resolve(folder), readOnly, clock), clock),
  }
}
