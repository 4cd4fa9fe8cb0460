// What administrators have set, as a layer above all others.
import type { NamedValues } from './config-contracts.ts'
import { administrator } from './config-source.ts'
import type { ReadLayer } from './config-source.ts'
import { groupOf } from './keys.ts'
import type { ConfigGroup, ConfigKey } from './keys.ts'

/** Values of keys that this version of the program does not have are left aside: an older one may have them still. */
export function storedLayer(keys: readonly ConfigKey[], values: NamedValues): ReadLayer {
  const tree = (group: ConfigGroup): object =>
    Object.fromEntries(
      [...group].flatMap(([name, node]): [string, unknown][] => {
        if (node instanceof Map) return [[name, tree(node)]]
        const { path } = node as ConfigKey
        return Object.hasOwn(values, path) ? [[name, values[path]]] : []
      }),
    )
  return { source: administrator, values: tree(groupOf(keys)) }
}
