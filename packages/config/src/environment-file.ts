// A configuration in a file of variables, such as `.env`.
import { dirname, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import type { ConfigSource } from '@gesta/core'
import { checkPrefix, layerOf } from './environment.ts'
import { fileSettings } from './file-options.ts'
import type { FileOptions } from './file-options.ts'
import { follow } from './follow.ts'
import { markOf, readText, unreadable } from './read-file.ts'

/**
 * A file of lines `NAME=value`, as Node reads them. Variables without the prefix are other programs'. It is read again when it changes.
 * Errors: plain ones for options; reading it: `config_unreadable`. Reference: docs/reference/configuration.md.
 */
export function environmentFile(path: string, options: FileOptions & { readonly prefix: string }): ConfigSource {
  const { optional, ...timing } = fileSettings(options, 'environmentFile()', ['prefix'])
  const { prefix } = options
  checkPrefix(prefix, 'environmentFile()')
  const place = resolve(path)
  let known: string | undefined
  return {
    name: path,
    kind: 'environment_file',
    read: async (keys, signal) => {
      const { text, mark } = await readText(place, signal).catch(async (cause: unknown) => {
        known = await markOf(place)
        throw cause
      })
      known = mark
      if (text === undefined && optional) return { values: {} }
      if (text === undefined) throw unreadable(path, 'to be a file', 'none')
      if (text.trim() === '') throw unreadable(path, 'to have lines NAME=value', 'an empty file')
      return layerOf(keys, prefix, parseEnv(text), (name) => `${path}:${lineOf(text, name)}`)
    },
    follow: (changed) =>
      follow({ folder: dirname(place), look: () => markOf(place), known: () => known, changed, ...timing }),
  }
}

/** From 1. */
function lineOf(text: string, name: string): number {
  const lines = text.split('\n')
  return (
    1 +
    Math.max(
      0,
      lines.findLastIndex((line) =>
        line
          .trim()
          .replace(/^export\s+/, '')
          .startsWith(`${name}=`),
      ),
    )
  )
}
