// Who takes part: the publisher that is fed, and the consumers of each group. Whoever is gone is replaced by another one.
import type { Book } from './book.ts'
import type { Feed } from './feed.ts'
import { Finding } from './finding.ts'
import type { Hear, Party } from './party.ts'
import type { FromParty, Opening } from './protocol.ts'

export interface Cast extends AsyncDisposable {
  readonly publisher: Party
  /** Resolves when it runs. It is fed from then on, and the one before it is not any more; that one is still there. */
  newPublisher(): Promise<Party>
  consumers(group: string): readonly Party[]
  /** Resolves when it is in its group; it takes the place of the one before it. */
  newConsumer(group: string, place: number): Promise<Party>
  /** Resolves with a consumer of the group that has a message in hand, whose handler waits until it is told to go on. */
  holding(group: string): Promise<Party>
  /** How everybody is, as far as they answer. */
  statuses(): Promise<string>
  /** Everybody finishes and ends. Throws a `Finding` for who does not. */
  leave(): Promise<void>
}
/** Starts a party in a process of its own, or in this one. */
export type Start = (name: string, opening: Opening, hear: Hear) => Party

const answersWithinMs = 2_000

export function createCast(book: Book, feed: Feed, start: Start, openingOf: (part: Opening['part']) => Opening): Cast {
  const everybody = new Set<Party>()
  const groups = new Map<string, Party[]>()
  const holders = new Map<string, Party>()
  const states = new Map<Party, unknown>()
  let publisher: Party | undefined
  let count = 0

  const begin = async (name: string, part: Opening['part'], heard: (line: FromParty, party: Party) => void) => {
    let isReady = false
    count += 1
    const party: Party = start(`${name} (#${count})`, openingOf(part), (line) => {
      try {
        if ('ready' in line) isReady = true
        if ('status' in line) states.set(party, line.status)
        heard(line, party)
        if ('ready' in line || 'holding' in line) book.changed()
      } catch (error) {
        book.fail(error as Error)
      }
    })
    everybody.add(party)
    void party.ended.then((how) => {
      if (!party.mayEnd)
        book.fail(new Finding(`Expected ${party.name} to live, but it has ended with ${how}: ${party.complaints()}`))
      book.changed()
    })
    await book.until(
      () => isReady,
      () => `${party.name} to begin`,
    )
    return party
  }
  const consumersOf = (group: string): Party[] => groups.get(group) ?? []

  return {
    get publisher() {
      if (publisher === undefined) throw new Error('There is no publisher yet.')
      return publisher
    },
    newPublisher: async () => {
      const next = await begin('publisher', 'publisher', feed.hear)
      publisher = next
      feed.use(next)
      return next
    },
    consumers: consumersOf,
    newConsumer: async (group, place) => {
      const party = await begin(`${group} ${place + 1}`, { group }, (line, self) => {
        if ('delivered' in line) book.deliver(group, line.delivered)
        if ('effected' in line) book.effect(group, line.effected)
        if ('holding' in line) holders.set(group, self)
      })
      const own = consumersOf(group)
      own[place] = party
      groups.set(group, own)
      return party
    },
    holding: async (group) => {
      holders.delete(group)
      for (const each of consumersOf(group)) each.tell({ hold: true })
      await book.until(
        () => holders.has(group),
        () => `a consumer of the group ${group} to be given another message`,
      )
      const holder = holders.get(group) as Party
      for (const each of consumersOf(group)) if (each !== holder) each.tell({ hold: false })
      return holder
    },
    statuses: async () => {
      const living = [...everybody].filter(({ hasEnded }) => !hasEnded)
      states.clear()
      for (const party of living) party.tell({ status: true })
      const { promise, resolve } = Promise.withResolvers<void>()
      setTimeout(resolve, answersWithinMs)
      await promise
      return [...everybody]
        .filter((party) => !party.hasEnded || party.complaints() !== '')
        .map((party) => {
          const state = party.hasEnded ? 'has ended' : (JSON.stringify(states.get(party)) ?? 'does not answer')
          return `  ${party.name}: ${state} ${party.complaints()}`
        })
        .join('\n')
    },
    leave: async () => {
      const living = [...everybody].filter(({ hasEnded }) => !hasEnded)
      for (const party of living) party.leave()
      await book.until(
        () => living.every(({ hasEnded }) => hasEnded),
        () => `${living.flatMap(({ hasEnded, name }) => (hasEnded ? [] : [name])).join(', ')} to finish and to end`,
      )
      for (const { name, ended, complaints } of living) {
        const how = await ended
        if (how !== 0) throw new Finding(`Expected ${name} to end in order, but it ended with ${how}: ${complaints()}`)
      }
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...everybody].map((party) => party[Symbol.asyncDispose]()))
    },
  }
}
