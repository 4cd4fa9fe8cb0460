// A bounded cache that drops what was not asked for lately. A hit is one look and one mark, and moves nothing.

/** What is kept; the cache marks it when it is asked for. */
export interface Kept {
  wasUsed: boolean
}
export interface SetCache<Value extends Kept> {
  get(key: string): Value | undefined
  put(key: string, value: Value): void
  readonly size: number
}

/** `dropped` is told of every value that the cache no longer holds. */
export function createSetCache<Value extends Kept>(max: number, dropped: (value: Value) => void): SetCache<Value> {
  // In the order in which they came. Who was used since it came to the front gets a second chance, behind all others.
  const kept = new Map<string, Value>()
  const dropOne = (): void => {
    for (const [key, value] of kept) {
      kept.delete(key)
      if (!value.wasUsed) return dropped(value)
      value.wasUsed = false
      kept.set(key, value)
    }
  }
  return {
    get: (key) => {
      const found = kept.get(key)
      if (found !== undefined) found.wasUsed = true
      return found
    },
    put: (key, value) => {
      const before = kept.get(key)
      if (before === undefined && kept.size >= max) dropOne()
      kept.set(key, value)
      if (before !== undefined) dropped(before)
    },
    get size() {
      return kept.size
    },
  }
}
