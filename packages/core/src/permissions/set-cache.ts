// A bounded cache that drops what was not asked for lately: two generations, so that a hit is one look and writes nothing.

export interface SetCache<Value> {
  get(key: string): Value | undefined
  put(key: string, value: Value): void
  readonly size: number
}

/** `dropped` is told of every value that the cache no longer holds. */
export function createSetCache<Value>(max: number, dropped: (value: Value) => void): SetCache<Value> {
  // Each holds half of it; whoever was not asked for while the younger one filled up goes.
  const half = Math.max(1, Math.floor(max / 2))
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()

  const add = (key: string, value: Value): void => {
    if (young.size >= half) {
      for (const gone of old.values()) dropped(gone)
      old = young
      young = new Map()
      if (max === 1) {
        for (const gone of old.values()) dropped(gone)
        old = new Map()
      }
    }
    young.set(key, value)
  }
  return {
    get: (key) => {
      const found = young.get(key)
      if (found !== undefined) return found
      const older = old.get(key)
      if (older === undefined) return undefined
      old.delete(key)
      add(key, older)
      return older
    },
    put: (key, value) => {
      const before = young.get(key) ?? old.get(key)
      old.delete(key)
      if (young.has(key)) young.set(key, value)
      else add(key, value)
      if (before !== undefined) dropped(before)
    },
    get size() {
      return young.size + old.size
    },
  }
}
