// UUIDs version 7 as a hand-written program makes them: random bytes from a pool, hexadecimal digits from a table.

const poolBytes = 4096
const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const pool = new Uint8Array(poolBytes)
let next = poolBytes
let timeMs = -1
let timePart = ''

/** A new UUIDv7 in lower-case text. */
export function uuidV7(): string {
  const nowMs = Date.now()
  if (nowMs !== timeMs) {
    const digits = nowMs.toString(16).padStart(12, '0')
    timePart = `${digits.slice(0, 8)}-${digits.slice(8)}-7`
    timeMs = nowMs
  }
  if (next + 10 > poolBytes) {
    crypto.getRandomValues(pool)
    next = 0
  }
  const i = next
  next += 10
  return `${timePart}${digit(i).slice(1)}${digit(i + 1)}-${hex[0x80 | ((pool[i + 2] ?? 0) & 0x3f)]}${digit(i + 3)}-${digit(i + 4)}${digit(i + 5)}${digit(i + 6)}${digit(i + 7)}${digit(i + 8)}${digit(i + 9)}`
}

function digit(index: number): string {
  return hex[pool[index] ?? 0] ?? ''
}
