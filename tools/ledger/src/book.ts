// The harness's own account: what was handed in, acknowledged, delivered, and had its effect. It is what the stores are compared with.
import { Finding } from './finding.ts'
import { diceOf } from '../../crash/src/dice.ts'

/** What was heard of one group. */
interface GroupAccount {
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
  /** Something else has come about that somebody may wait for. */
  changed(): void
  /** Something is wrong, and nobody needs to wait any more. The first one counts. */
  fail(finding: Error): void
  /** Waits until it is so. Throws what is wrong; or a `Finding` when nothing comes about any more: no acknowledgement, no effect, nobody who begins or ends. */
  until(condition: () => boolean, expected: () => string): Promise<void>
}

/** `patienceMs`: after so long without anything, nothing comes any more. Keys are drawn, so that one has many messages and another one few. */
export function createBook(messages: number, keyCount: number, seed: number, patienceMs: number): Book {
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
  const groups = new Map<string, ReturnType<typeof newAccount>>()
  const group = (name: string) => {
    const known = groups.get(name) ?? newAccount()
    groups.set(name, known)
    return known
  }
  let wrong: Error | undefined
  const waiting = new Set<(hasProgressed: boolean) => void>()
  const changed = (hasProgressed: boolean): void => {
    for (const look of waiting) look(hasProgressed)
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
      changed(true)
    },
    deliver: (name, number) => {
      const account = group(name)
      if (account.delivered.has(number)) account.repeated += 1
      account.delivered.add(number)
    },
    effect: (name, number) => {
      const { effected } = group(name)
      const isNew = !effected.has(number)
      effected.add(number)
      changed(isNew)
    },
    changed: () => changed(true),
    fail: (finding) => {
      wrong ??= finding
      changed(false)
    },
    until: async (condition, expected) => {
      if (wrong !== undefined) throw wrong
      if (condition()) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const giveUp = (): void =>
        reject(new Finding(`Expected ${expected()}; for ${patienceMs / 1000} s nothing has happened.`))
      let timer = setTimeout(giveUp, patienceMs)
      const look = (hasProgressed: boolean): void => {
        if (wrong !== undefined) return reject(wrong)
        if (condition()) return resolve()
        if (!hasProgressed) return
        clearTimeout(timer)
        timer = setTimeout(giveUp, patienceMs)
      }
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

function newAccount() {
  return { effected: new Set<number>(), delivered: new Set<number>(), repeated: 0 }
}

/** The first of them that are not there, for a sentence. */
export function missingOf(wanted: Iterable<number>, there: ReadonlySet<number>): string {
  const missing = [...wanted].filter((number) => !there.has(number))
  const shown = missing.slice(0, 10).join(', ')
  return missing.length > 10 ? `${shown} and ${missing.length - 10} more` : shown
}
