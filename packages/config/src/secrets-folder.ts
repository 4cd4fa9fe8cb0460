// Values in a folder, one file each, as Kubernetes and Docker mount their secrets.
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { ConfigSource } from '@gesta/core'
import { closest } from '@gesta/core/host'
import { treeOfTexts } from './environment.ts'
import { fileSettings } from './file-options.ts'
import type { FileOptions } from './file-options.ts'
import { follow } from './follow.ts'
import { codeOf, markOf, readText, unreadable } from './read-file.ts'

/**
 * A folder of files that are named as keys, such as `database.url`; one line break at the end of a file is no part of its value. Files that
 * begin with a dot are left aside. It is read again when it changes. Errors: plain ones for options; reading it: `config_unreadable`.
 * Reference: docs/reference/configuration.md.
 */
export function secretsFolder(path: string, options: FileOptions = {}): ConfigSource {
  const { optional, ...timing } = fileSettings(options, 'secretsFolder()')
  const folder = resolve(path)
  let known: string | undefined
  const look = async (): Promise<string> => {
    try {
      const names = await namesIn(folder)
      return (await Promise.all(names.map(async (name) => `${name} ${await markOf(join(folder, name))}`))).join('\n')
    } catch (cause) {
      return codeOf(cause)
    }
  }
  return {
    name: path,
    kind: 'secrets',
    read: async (keys, signal) => {
      known = await look()
      const names = await namesIn(folder).catch((cause: unknown): readonly string[] => {
        if (optional && codeOf(cause) === 'ENOENT') return []
        throw unreadable(path, 'to be a folder that can be read', codeOf(cause))
      })
      const paths = keys.map((key) => key.path)
      const unknown = names.filter((name) => !paths.includes(name))
      const found = await Promise.all(
        keys
          .filter((key) => names.includes(key.path))
          .map(async (key) => [key, await secretIn(join(folder, key.path), signal)] as const),
      )
      // A mount is swapped as a whole: what was read must be of one of them.
      if ((await look()) !== known) throw unreadable(path, 'to stay as it is while it is read', 'a change')
      return {
        isText: true,
        values: treeOfTexts(found),
        where: (parts) => join(path, parts.join('.')),
        unknown: unknown.map((name) => ({ name, near: closest(name, paths), where: join(path, name) })),
      }
    },
    follow: (changed) => follow({ folder, look, known: () => known, changed, ...timing }),
  }
}

/** The text of a file without the line break at its end. Errors: `config_unreadable`. */
export async function secretIn(path: string, signal: AbortSignal): Promise<string> {
  const { text } = await readText(path, signal)
  if (text === undefined) throw unreadable(path, 'to be a file', 'none')
  return text.replace(/\r?\n$/, '')
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith('.')).toSorted()
}
