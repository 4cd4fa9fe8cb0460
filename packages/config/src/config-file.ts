// A configuration in a file, YAML or JSON.
import { dirname, extname, resolve } from 'node:path'
import type { ConfigSource } from '@gesta/core'
import { fileSettings } from './file-options.ts'
import type { FileOptions } from './file-options.ts'
import { follow } from './follow.ts'
import { parseText } from './parse-text.ts'
import { markOf, readText, unreadable } from './read-file.ts'

/**
 * A file of groups and values: YAML, or JSON when its name ends so. It is read again when it changes.
 * Errors: plain ones for options; reading it: `config_unreadable`. Reference: docs/reference/configuration.md.
 */
export function configFile(path: string, options: FileOptions = {}): ConfigSource {
  const { optional, ...timing } = fileSettings(options, 'configFile()')
  const place = resolve(path)
  let known: string | undefined
  return {
    name: path,
    kind: 'file',
    read: async (_, signal) => {
      const { text, mark } = await readText(place, signal).catch(async (cause: unknown) => {
        known = await markOf(place)
        throw cause
      })
      known = mark
      if (text === undefined && optional) return { values: {} }
      if (text === undefined) throw unreadable(path, 'to be a file', 'none')
      // Who writes a file in place empties it first.
      if (text.trim() === '') throw unreadable(path, 'to have groups and keys', 'an empty file')
      return parseText(path, text, extname(path) === '.json')
    },
    follow: (changed) =>
      follow({ folder: dirname(place), look: () => markOf(place), known: () => known, changed, ...timing }),
  }
}
