// The harness's own account: what was handed in, acknowledged, delivered, and had its effect. It is what the stores are compared with.
import { Finding } from './finding.ts'
import { diceOf } from '../../crash/src/dice.ts'

/** What was heard of one group. */
export interface GroupAccount {
  /** Numbers whose effect was told by the process that had it. */
  readonly effected: ReadonlySet<number>
  /** Deliveries to a handler of numbers that one had been given before. */
  readonly repeated: number
}
export interface Book {
  /** Numbers are 1 to this one. */
  readonly messages: number
  keyOf(number: number): string
  readonly keys: ReadonlyMap<string, readonly number[]>
  readonly handedIn: ReadonlySet<number>
  readonly acknowledged: ReadonlySet<number>
  group(name: string): GroupAccount
  handIn(number: number): void
  acknowledge(number: number): void
  deliver(group: string, number: number): void
  effect(group: string, number: number): void
  /** Something else has changed that somebody may wait for. */
  changed(): void
  /** Waits until it is so. Throws a `Finding` when it is not in time. */
  until(condition: () => boolean, expected: () => string): Promise<void>
}

/** Long enough for the slowest machine; what takes longer never comes. */
const patienceMs = 60_000

/** Keys are drawn, so that one has many messages and another one few. */
export function createBook(messages: number, keyCount: number, seed: number): Book {
  const dice = diceOf(seed)
  const drawn = Array.from({ length: messages }, () => `key-${Math.min(dice(keyCount), dice(keyCount))}`)
  const keyOf = (number: number): string => drawn[number - 1] ?? ''
  const keys = new Map<string, number[]>()
  for (let number = 1; number <= messages; number += 1) {
    const line = keys.get(keyOf(number)) ?? []
    line.push(number)
    keys.set(keyOf(number), line)
  }
  const handedIn = new Set<number>()
  const acknowledged = new Set<number>()
  const groups = new Map<string, { effected: Set<number>; delivered: Set<number>; repeated: number }>()
  const group = (name: string) => {
    const known = groups.get(name) ?? { effected: new Set(), delivered: new Set(), repeated: 0 }
    groups.set(name, known)
    return known
  }
  const waiting = new Set<() => void>()
  const changed = (): void => {
    for (const look of waiting) look()
  }
  return {
    messages,
    keyOf,
    keys,
    handedIn,
    acknowledged,
    group,
    handIn: (number) => void handedIn.add(number),
    acknowledge: (number) => {
      acknowledged.add(number)
      changed()
    },
    deliver: (name, number) => {
      const { delivered } = group(name)
      if (delivered.has(number)) group(name).repeated += 1
      delivered.add(number)
      changed()
    },
    effect: (name, number) => {
      group(name).effected.add(number)
      changed()
    },
    changed,
    until: async (condition, expected) => {
      if (condition()) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const look = (): void => {
        try {
          if (condition()) resolve()
        } catch (error) {
          reject(error)
        }
      }
      const timer = setTimeout(
        () => reject(new Finding(`Expected within ${patienceMs / 1000} s ${expected()}.`)),
        patienceMs,
      )
      waiting.add(look)
      try {
        await promise
      } finally {
        waiting.delete(look)
        clearTimeout(timer)
      }
    },
  }
}

/** The first of them that are not there, for a sentence. */
export function missingOf(wanted: Iterable<number>, there: ReadonlySet<number>): string {
  const missing = [...wanted].filter((number) => !there.has(number))
  const shown = missing.slice(0, 10).join(', ')
  return missing.length > 10 ? `${shown} and ${missing.length - 10} more` : shown
}
