// Ids: UUID version 7, so that neighbours in time are neighbours in an index. Order never comes from ids.
import type { Clock } from '../time/clock.ts'

/** Source of ids and randomness, injected by the composition root. */
export interface Ids {
  /** A new UUIDv7 in lower-case text, 36 characters. */
  newId(): string
  /** A number in [0, 1), for jitter. */
  random(): number
  /** Fresh random bytes, 1 to 4,096, for keys and nonces: as unguessable as those of the composition root are. */
  bytes(count: number): Uint8Array<ArrayBuffer>
}

const poolBytes = 4096
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Ids from a clock and a source of random bytes (`fill` overwrites the array, as `crypto.getRandomValues` does). */
export function createIds(clock: Pick<Clock, 'nowUs'>, fill: (bytes: Uint8Array<ArrayBuffer>) => unknown): Ids {
  const pool = new Uint8Array(poolBytes)
  let next = poolBytes
  let timeMs = -1
  let timePart = ''

  /** The index of `count` fresh random bytes in the pool. */
  const take = (count: number): number => {
    if (next + count > poolBytes) {
      fill(pool)
      next = 0
    }
    next += count
    return next - count
  }
  const at = (index: number): string => hex[pool[index] ?? 0] ?? ''

  return {
    newId: () => {
      const nowMs = Math.floor(clock.nowUs() / 1000)
      if (nowMs !== timeMs) {
        const digits = nowMs.toString(16).padStart(12, '0')
        timePart = `${digits.slice(0, 8)}-${digits.slice(8)}-7`
        timeMs = nowMs
      }
      const i = take(10)
      const variant = hex[0x80 | ((pool[i + 2] ?? 0) & 0x3f)] ?? ''
      return `${timePart}${at(i).slice(1)}${at(i + 1)}-${variant}${at(i + 3)}-${at(i + 4)}${at(i + 5)}${at(i + 6)}${at(i + 7)}${at(i + 8)}${at(i + 9)}`
    },
    random: () => {
      const i = take(4)
      const bits = ((pool[i] ?? 0) << 24) | ((pool[i + 1] ?? 0) << 16) | ((pool[i + 2] ?? 0) << 8) | (pool[i + 3] ?? 0)
      return (bits >>> 0) / 2 ** 32
    },
    bytes: (count) => {
      const i = take(count)
      const given = pool.slice(i, i + count)
      // A key must not stay behind in the pool.
      pool.fill(0, i, i + count)
      return given
    },
  }
}
