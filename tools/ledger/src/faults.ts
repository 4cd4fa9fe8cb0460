// What happens in the middle of a run: each one while messages are on their way, and each one is over when everything is there again.
import { setTimeout as delay } from 'node:timers/promises'
import type { TcpProxy } from '@gesta/services'
import type { Dice } from '../../crash/src/dice.ts'
import type { Book } from './book.ts'
import { missingOf } from './book.ts'
import type { BrokerPlace } from './broker-place.ts'
import type { Cast } from './cast.ts'
import type { Party } from './party.ts'

interface Stage {
  readonly book: Book
  readonly cast: Cast
  readonly place: BrokerPlace
  readonly dice: Dice
  /** The last number that is handed in before the next fault. */
  readonly last: number
  /** Begins the group that comes late. */
  beginLate(): Promise<void>
}
/** How faults are counted in the report. */
export type FaultKind = 'kill' | 'replacement' | 'cut' | 'restart' | 'pause'
export interface Fault {
  readonly kinds: readonly FaultKind[]
  readonly name: string
  run(stage: Stage): Promise<void>
}

export const early = 'early'
export const late = 'late'

/**
 * Everything that the place can be put through, in the order of a run; then rounds of it in drawn orders, with what is worse: two things
 * at once, connections that say nothing, stores that are cut off.
 */
export function faultsOf(place: BrokerPlace, store: TcpProxy, rounds: number, dice: Dice): readonly Fault[] {
  const { consumersMax, here, proxy, server } = place
  const isApart = here === undefined
  const end = isApart ? killed : replaced
  const [first, second] = [end(consumer(early, 0)), end(consumer(early, 1))]
  const whole: readonly Fault[] = [
    end(publisher),
    first,
    ...(proxy === undefined ? [] : [cut('the broker', proxy)]),
    lateGroup,
    ...(server === undefined ? [] : [restarted(server, 'immediate')]),
    ...(consumersMax > 1 ? [second] : []),
    ...(isApart && consumersMax > 1 ? [consumerStopped] : []),
    ...(proxy === undefined ? [] : [answersLost(proxy)]),
    ...(server === undefined ? [] : [restarted(server, 'fast')]),
    ...(isApart ? [publisherStopped] : []),
  ]
  const worse: readonly Fault[] = [
    ...whole.filter((fault) => fault !== lateGroup),
    end(consumer(late, 0)),
    cut('the stores', store),
    ...(consumersMax > 1 ? [together(first, second)] : []),
    ...(proxy === undefined ? [] : [silent(proxy), together(end(publisher), cut('the broker', proxy))]),
    ...(server === undefined ? [] : [together(end(publisher), first, restarted(server, 'immediate'))]),
  ]
  return [...whole, ...Array.from({ length: rounds - 1 }, () => shuffled(worse, dice)).flat()]
}

function together(...faults: readonly Fault[]): Fault {
  return {
    kinds: faults.flatMap(({ kinds }) => kinds),
    name: faults.map(({ name }) => name).join(', and '),
    run: async (stage) => void (await Promise.all(faults.map((fault) => fault.run(stage)))),
  }
}

function shuffled<Item>(items: readonly Item[], dice: Dice): readonly Item[] {
  return items
    .map((item) => ({ item, at: dice(1_000_000) }))
    .toSorted((one, other) => one.at - other.at)
    .map(({ item }) => item)
}

/** Somebody who can be ended, and who takes the place then. */
interface Role {
  readonly name: string
  of(cast: Cast): Party | undefined
  next(cast: Cast): Promise<Party>
}
const publisher: Role = { name: 'the publisher', of: (cast) => cast.publisher, next: (cast) => cast.newPublisher() }
function consumer(group: string, place: number): Role {
  return {
    name: `consumer ${place + 1} of the group ${group}`,
    of: (cast) => cast.consumers(group)[place],
    next: (cast) => cast.newConsumer(group, place),
  }
}

function killed({ name, of, next }: Role): Fault {
  return {
    kinds: ['kill'],
    name: `${name} is killed`,
    run: async ({ cast }) => {
      const party = of(cast)
      party?.kill()
      await party?.ended
      await next(cast)
    },
  }
}

function replaced({ name, of, next }: Role): Fault {
  const { run } = killed({ name, of, next })
  return { kinds: ['replacement'], name: `${name} is replaced`, run }
}

const lateGroup: Fault = {
  kinds: [],
  name: 'a second group begins',
  run: ({ beginLate }) => beginLate(),
}

/** Stopped with a message in hand, until others have done all that there is; then it goes on as if nothing had happened. */
const consumerStopped: Fault = {
  kinds: ['pause'],
  name: 'a consumer is stopped with a message in hand, and continued past its idle time',
  run: async ({ cast, book, last }) => {
    const stopped = await cast.holding(early)
    stopped.stop()
    const wanted = Array.from({ length: last }, (_, at) => at + 1)
    const { effected } = book.group(early)
    await book.until(
      () => wanted.every((number) => effected.has(number)),
      () =>
        `another consumer to do what ${stopped.name}, which is stopped, has in hand: ${missingOf(wanted, effected)}`,
    )
    stopped.goOn()
    stopped.tell({ hold: false })
  },
}

/** Stopped while it relays, until another one has taken over; what it had in hand goes out late. */
const publisherStopped: Fault = {
  kinds: ['pause'],
  name: 'the publisher is stopped, and continued when another one has taken over',
  run: async ({ cast, book, last }) => {
    const stopped = cast.publisher
    stopped.stop()
    await cast.newPublisher()
    const wanted = Array.from({ length: last }, (_, at) => at + 1)
    const { effected } = book.group(early)
    await book.until(
      () => wanted.every((number) => effected.has(number)),
      () => `another publisher to send what ${stopped.name}, which is stopped, did not: ${missingOf(wanted, effected)}`,
    )
    stopped.goOn()
  },
}

function cut(what: string, proxy: TcpProxy): Fault {
  return {
    kinds: ['cut'],
    name: `connections to ${what} are cut`,
    run: async ({ dice }) => {
      for (let times = 1 + dice(3); times > 0; times -= 1) {
        proxy.cut()
        await delay(dice(100))
      }
    },
  }
}

/** Longer than anybody waits for an answer. What was sent arrives in the end. */
function silent(proxy: TcpProxy): Fault {
  return {
    kinds: ['cut'],
    name: 'connections to the broker say nothing',
    run: async ({ dice }) => {
      proxy.impose({ silent: true })
      await delay(3_000 + dice(3_000))
      proxy.heal()
    },
  }
}

/** The broker gets everything, and nobody hears of it. */
function answersLost(proxy: TcpProxy): Fault {
  return {
    kinds: ['cut'],
    name: 'connections to the broker are cut, and answers are lost',
    run: async ({ dice }) => {
      const before = proxy.lostBytes
      proxy.impose({ answersLost: true })
      const giveUpAt = performance.now() + answersWithinMs
      while (proxy.lostBytes === before && performance.now() < giveUpAt) await delay(1 + dice(20))
      proxy.heal()
      proxy.cut()
    },
  }
}
const answersWithinMs = 2_000

function restarted(server: NonNullable<BrokerPlace['server']>, mode: 'immediate' | 'fast'): Fault {
  return {
    kinds: ['restart'],
    name: mode === 'fast' ? 'the broker is restarted' : 'the broker crashes, and is started again',
    run: async ({ dice }) => {
      await server.stop(mode)
      await delay(dice(500))
      await server.start()
    },
  }
}
