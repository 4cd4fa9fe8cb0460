// What a group has given up: kept in a topic of its own, counted, listed, put back, discarded.
import { checkOptions, checkWhole, isGestaError } from '@gesta/core/ports'
import type { Clock } from '@gesta/core/ports'
import { deadMessage, letterOf, messagePutBack, withoutValue } from './dead-message.ts'
import type { DeadLetter } from './dead-message.ts'
import { openDeadTopic } from './dead-topic.ts'
import type { Settings } from './options.ts'
import type { Delivery } from './partition.ts'
import type { Sender } from './sender.ts'

/**
 * What a group has given up, until somebody puts it back or discards it. All that is there is read to count it.
 * Errors: `broker_unavailable`, `broker_closed`. Reference: docs/reference/kafka.md.
 */
export interface DeadLetters {
  /** The oldest ones first; `after` is the id of the last one that was seen, `limit` 1 to 1,000, default 100. */
  list(page?: {
    readonly after?: number | undefined
    readonly limit?: number | undefined
  }): Promise<readonly DeadLetter[]>
  total(): Promise<number>
  /**
   * Puts letters back for this group alone, behind what it did not get yet: those with the ids, or all that are there; how many. One that
   * was too large to be kept here is not put back.
   */
  requeue(ids?: readonly number[]): Promise<number>
  /** Drops letters for good; how many. */
  discard(ids: readonly number[]): Promise<number>
}
export interface KeptDeadLetters extends DeadLetters, AsyncDisposable {
  /** Stores one. */
  bury(delivery: Delivery): Promise<void>
}
export interface DeadLetterPlace {
  /** Names in Kafka. */
  readonly topic: string
  readonly groupId: string
  readonly deadTopic: string
  readonly group: string
}

const pageMax = 1000
const portion = 100

export function openDeadLetters(
  { topic, groupId, deadTopic, group }: DeadLetterPlace,
  settings: Settings,
  clock: Clock,
  sender: Pick<Sender, 'send'>,
): KeptDeadLetters {
  const kept = openDeadTopic(deadTopic, `${groupId}.dead`, settings, clock, sender)
  const forEver = new AbortController().signal
  let last: Promise<unknown> = Promise.resolve()
  /** One after the other: what two took at once would be put back twice. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const turn = last.then(work)
    last = turn.catch(() => undefined)
    return turn
  }
  const openAmong = async (ids: readonly number[] | undefined): Promise<readonly bigint[]> => {
    const open = await kept.open()
    if (ids === undefined) return open
    const wanted = new Set(ids)
    return open.filter((offset) => wanted.has(Number(offset)))
  }
  const putBack = async (offsets: readonly bigint[]): Promise<number> => {
    const letters = (await kept.read(offsets)).flatMap((letter) => {
      const message = messagePutBack(letter, topic, group)
      return message === undefined ? [] : [{ offset: letter.offset, message }]
    })
    await sender.send(
      letters.map(({ message }) => message),
      forEver,
    )
    await kept.settle(letters.map(({ offset }) => offset))
    return letters.length
  }

  return {
    bury: async (delivery) => {
      const message = deadMessage(deadTopic, delivery, clock.nowUs())
      try {
        await sender.send([message], forEver)
      } catch (error) {
        if (!isGestaError(error, 'payload_too_large')) throw error
        await sender.send([withoutValue(message)], forEver)
      }
    },
    list: async (page = {}) => {
      checkOptions(page, ['after', 'limit'], 'the page of dead letters')
      const { after = -1, limit = 100 } = page
      checkWhole(limit, 'limit of a page', 1, pageMax)
      const open = (await kept.open()).filter((offset) => offset > after)
      return (await kept.read(open.slice(0, limit))).map(letterOf)
    },
    total: async () => (await kept.open()).length,
    requeue: (ids) =>
      inTurn(async () => {
        checkIds(ids)
        const open = await openAmong(ids)
        let count = 0
        for (let at = 0; at < open.length; at += portion) count += await putBack(open.slice(at, at + portion))
        return count
      }),
    discard: (ids) =>
      inTurn(async () => {
        checkIds(ids)
        const open = await openAmong(ids)
        await kept.settle(open)
        return open.length
      }),
    [Symbol.asyncDispose]: () => kept[Symbol.asyncDispose](),
  }
}

function checkIds(ids: readonly number[] = []): void {
  for (const id of ids) checkWhole(id, 'id of a dead letter', 0)
}
