// The files of the workspace as the gates see them: what could be committed, as text.

import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

export interface File {
  /** Relative to the workspace's root, with forward slashes. */
  readonly path: string
  readonly text: string
}

export const root: string = join(import.meta.dirname, '..')

const skippedFolders = new Set(['node_modules', 'dist', '.git', '.tmp'])
const textFile = /\.(?:[cm]?[jt]s|jsonc?|md|sql|sh|ya?ml|html|css|txt)$|(?:^|\/)(?:LICENSE|NOTICE|\.[a-z]+|run)$/

export function readWorkspace(folder: string = root): File[] {
  return listFiles(folder, '').map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
}

function listFiles(folder: string, prefix: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.isDirectory()) {
      return skippedFolders.has(entry.name) ? [] : listFiles(join(folder, entry.name), `${prefix}${entry.name}/`)
    }
    return entry.isFile() && textFile.test(prefix + entry.name) ? [prefix + entry.name] : []
  })
}
