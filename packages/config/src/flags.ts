// A configuration on the command line.
import type { ConfigSource } from '@gesta/core'
import { checkOptions, closest } from '@gesta/core/host'
import { treeOfTexts } from './environment.ts'

export interface FlagOptions {
  /** What comes after the program's name. Default: that of the process. */
  readonly args?: readonly string[] | undefined
  /** Names of flags that are the program's own, such as `role`. Default: none. */
  readonly ignore?: readonly string[] | undefined
}

/**
 * Flags such as `--limits.ordersMax=5` or `--limits.ordersMax 5`; one that is no key is a problem. What does not begin with `--` is left
 * aside, and so is everything after `--`. Errors: plain ones for options. Reference: docs/reference/configuration.md.
 */
export function flags(options: FlagOptions = {}): ConfigSource {
  checkOptions(options, ['args', 'ignore'], 'flags()')
  const { args = process.argv.slice(2), ignore = [] } = options
  const given = flagsOf(args)
  return {
    name: 'flags',
    kind: 'flags',
    read: async (keys) => {
      const known = new Map(keys.map((key) => [key.path, key]))
      const own = given.filter(({ name }) => !ignore.includes(name))
      return {
        isText: true,
        values: treeOfTexts(own.flatMap(({ name, value }) => pairOf(known.get(name), value))),
        where: (parts) => (parts.length === 0 ? undefined : `--${parts.join('.')}`),
        unknown: own
          .filter(({ name }) => !known.has(name))
          .map(({ name }) => ({ name, near: closest(name, [...known.keys()]), where: `--${name}` })),
      }
    },
  }
}

function pairOf<Key>(key: Key | undefined, value: string): (readonly [Key, string])[] {
  return key === undefined ? [] : [[key, value]]
}

/** A flag without a value is a switch that is on. */
function flagsOf(args: readonly string[]): readonly { readonly name: string; readonly value: string }[] {
  const found: { readonly name: string; readonly value: string }[] = []
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (arg === '--') break
    if (!arg.startsWith('--')) continue
    const equals = arg.indexOf('=')
    const next = args[at + 1]
    if (equals > 0) found.push({ name: arg.slice(2, equals), value: arg.slice(equals + 1) })
    else if (next === undefined || next.startsWith('--')) found.push({ name: arg.slice(2), value: 'true' })
    else {
      found.push({ name: arg.slice(2), value: next })
      at++
    }
  }
  return found
}
