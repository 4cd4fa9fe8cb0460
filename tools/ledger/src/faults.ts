// What happens in the middle of a run: each one while messages are on their way, and each one is over when everything is there again.
import { setTimeout as delay } from 'node:timers/promises'
import type { TcpProxy } from '@gesta/services'
import type { Dice } from '../../crash/src/dice.ts'
import type { Book } from './book.ts'
import { missingOf } from './book.ts'
import type { BrokerPlace } from './broker-place.ts'
import type { Cast } from './cast.ts'

export interface Stage {
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
export type FaultKind = 'kill' | 'cut' | 'restart' | 'pause' | 'late group'
export interface Fault {
  readonly kind: FaultKind
  readonly name: string
  run(stage: Stage): Promise<void>
}

export const early = 'early'
export const late = 'late'

/** Everything that the place can be put through, in the order of a run. */
export function faultsOf(place: BrokerPlace): readonly Fault[] {
  const { here, consumersMax, proxy, server } = place
  const isApart = here === undefined
  return [
    publisherKilled,
    consumerKilled(0),
    ...(proxy === undefined ? [] : [connectionsCut(proxy)]),
    lateGroup,
    ...(server === undefined ? [] : [restarted(server, 'immediate')]),
    ...(consumersMax > 1 ? [consumerKilled(1)] : []),
    ...(isApart && consumersMax > 1 ? [consumerStopped] : []),
    ...(proxy === undefined ? [] : [answersLost(proxy)]),
    ...(server === undefined ? [] : [restarted(server, 'fast')]),
    ...(isApart ? [publisherStopped] : []),
  ]
}

const publisherKilled: Fault = {
  kind: 'kill',
  name: 'the publisher is killed',
  run: async ({ cast }) => {
    const { publisher } = cast
    publisher.kill()
    await publisher.ended
    await cast.newPublisher()
  },
}

const lateGroup: Fault = {
  kind: 'late group',
  name: 'a second group begins',
  run: ({ beginLate }) => beginLate(),
}

function consumerKilled(place: number): Fault {
  return {
    kind: 'kill',
    name: `consumer ${place + 1} is killed`,
    run: async ({ cast }) => {
      const consumer = cast.consumers(early)[place]
      consumer?.kill()
      await consumer?.ended
      await cast.newConsumer(early, place)
    },
  }
}

/** Stopped with a message in hand, until others have done all that there is; then it goes on as if nothing had happened. */
const consumerStopped: Fault = {
  kind: 'pause',
  name: 'a consumer is stopped with a message in hand, and continued past its idle time',
  run: async ({ cast, book, last }) => {
    const consumer = await cast.holding(early)
    consumer.stop()
    const wanted = Array.from({ length: last }, (_, at) => at + 1)
    const { effected } = book.group(early)
    await book.until(
      () => wanted.every((number) => effected.has(number)),
      () =>
        `another consumer to do what ${consumer.name}, which is stopped, has in hand: ${missingOf(wanted, effected)}`,
    )
    consumer.goOn()
    consumer.tell({ hold: false })
  },
}

/** Stopped while it relays, until another one has taken over; what it had in hand goes out late. */
const publisherStopped: Fault = {
  kind: 'pause',
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

function connectionsCut(proxy: TcpProxy): Fault {
  return {
    kind: 'cut',
    name: 'connections are cut',
    run: async ({ dice }) => {
      for (let times = 1 + dice(3); times > 0; times -= 1) {
        proxy.cut()
        await delay(dice(100))
      }
    },
  }
}

/** The broker gets everything, and nobody hears of it. */
function answersLost(proxy: TcpProxy): Fault {
  return {
    kind: 'cut',
    name: 'connections are cut, and answers are lost',
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
    kind: 'restart',
    name: mode === 'fast' ? 'the broker is restarted' : 'the broker crashes, and is started again',
    run: async ({ dice }) => {
      await server.stop(mode)
      await delay(dice(500))
      await server.start()
    },
  }
}
