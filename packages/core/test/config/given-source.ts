// A source of the tests: what it says is changed by hand, and it tells so.
import type { ConfigLayer, ConfigSource } from '../../src/config/config-source.ts'

export interface GivenSource extends ConfigSource {
  says: unknown
  fails: Error | undefined
  /** As a file that was changed. */
  change(values: unknown): void
}

export function given(values: unknown, parts: Partial<ConfigSource> & Partial<ConfigLayer> = {}): GivenSource {
  const { name = 'shop.yaml', kind = 'file', isText, where, unknown } = parts
  let ring: () => void = () => undefined
  const source: GivenSource = {
    name,
    kind,
    says: values,
    fails: undefined,
    read: async () => {
      if (source.fails !== undefined) throw source.fails
      return { values: source.says, isText, where, unknown }
    },
    follow: (changed) => {
      ring = changed
      return { [Symbol.asyncDispose]: async () => undefined }
    },
    change: (next) => {
      source.says = next
      ring()
    },
  }
  return source
}
