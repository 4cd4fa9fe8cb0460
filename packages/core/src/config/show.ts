// The keys of a configuration as people are shown them.
import type { ShownKey } from './config.ts'
import type { InForce } from './in-force.ts'
import type { ConfigKey } from './keys.ts'
import { jsonOf } from './problems.ts'

export function showKeys(keys: readonly ConfigKey[], { values, pending }: InForce): readonly ShownKey[] {
  return keys.map(({ path, reload, secret }) => {
    const found = values.get(path)
    const value = secret ? '(secret)' : jsonOf(found?.value)
    return { key: path, value, source: 'default', ...found?.origin, reload, secret, pending: pending.includes(path) }
  })
}
