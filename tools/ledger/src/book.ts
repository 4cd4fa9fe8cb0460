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
  /** Throws a `Finding` when it comes to this receiver behind a later one of its key, although nothing happened while it was on its way. */
  deliver(group: string, receiver: string, number: number): void
  effect(group: string, number: number): void
  /** Something happens that may lose what is on its way: it then comes again, and not in its place. Until it is over. */
  disturb(): Disposable
  /** Something else has come about that somebody may wait for. */
  changed(): void
  /** Waits until it is so. Throws a `Finding` when nothing comes about any more: no acknowledgement, no effect, nobody who begins or ends. */
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
  /** How many disturbances had begun when a number was handed in. */
  const calm = new Map<number, number>()
  let disturbances = 0
  let going = 0
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
    handIn: (number) => {
      handedIn.add(number)
      calm.set(number, disturbances)
    },
    acknowledge: (number) => {
      acknowledged.add(number)
      changed(true)
    },
    deliver: (name, receiver, number) => {
      const account = group(name)
      const { delivered, last } = account
      const line = `${receiver} ${keyOf(number)}`
      const before = last.get(line) ?? 0
      const isFirst = !delivered.has(number)
      if (!isFirst) account.repeated += 1
      delivered.add(number)
      last.set(line, Math.max(before, number))
      changed(false)
      if (isFirst && number < before && going === 0 && calm.get(number) === disturbances)
        throw new Finding(
          `Expected ${receiver} to be given message ${number} before ${before}, which has the same key, received it behind.`,
        )
    },
    disturb: () => {
      disturbances += 1
      going += 1
      return {
        [Symbol.dispose]: () => {
          disturbances += 1
          going -= 1
        },
      }
    },
    effect: (name, number) => {
      const { effected } = group(name)
      const isNew = !effected.has(number)
      effected.add(number)
      changed(isNew)
    },
    changed: () => changed(true),
    until: async (condition, expected) => {
      if (condition()) return
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const giveUp = (): void =>
        reject(new Finding(`Expected ${expected()}; for ${patienceMs / 1000} s nothing has happened.`))
      let timer = setTimeout(giveUp, patienceMs)
      const look = (hasProgressed: boolean): void => {
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
  return {
    effected: new Set<number>(),
    delivered: new Set<number>(),
    /** By receiver and key, the highest number that it was given. */
    last: new Map<string, number>(),
    repeated: 0,
  }
}

/** The first of them that are not there, for a sentence. */
export function missingOf(wanted: Iterable<number>, there: ReadonlySet<number>): string {
  const missing = [...wanted].filter((number) => !there.has(number))
  const shown = missing.slice(0, 10).join(', ')
  return missing.length > 10 ? `${shown} and ${missing.length - 10} more` : shown
}
