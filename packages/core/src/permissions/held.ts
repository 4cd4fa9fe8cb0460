// A set of permissions as bits, one for each entry of the registry: small enough to keep for many callers, and asked in nanoseconds.
export type Held = Uint32Array

export function noneHeld(count: number): Held {
  return new Uint32Array(Math.ceil(count / 32))
}

export function holds(held: Held, index: number): boolean {
  return ((held[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0
}

export function hold(held: Held, index: number): void {
  held[index >>> 5] = (held[index >>> 5] ?? 0) | (1 << (index & 31))
}

export function holdAll(held: Held, others: Held): void {
  for (let at = 0; at < held.length; at++) held[at] = (held[at] ?? 0) | (others[at] ?? 0)
}
