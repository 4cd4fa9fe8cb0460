// What the server hears of events in hand: that they still are, as long as this process runs and somebody wants them; that they are
// done; or that somebody else may have them.
import type { Clock, Timer } from '@gesta/core/ports'
import type { Connection } from './connection.ts'
import { answer, answerAndWait } from './delivery.ts'
import type { Answer, Delivery } from './delivery.ts'
import type { Batch, Held, InHand } from './in-hand.ts'

export interface Claims {
  /** Without a connection nothing is said; the server gives the message to somebody again. */
  say(delivery: Delivery, said: Answer, delayMs?: number): void
  /** Keeps what is in hand, until nothing is. */
  keep(): void
  /** Lets others have these, in order. */
  release(batch: Batch): void
  /** Resolves when the server has done all that. */
  released(): Promise<unknown>
  stop(): void
}

interface Holder {
  /** Since when nobody has asked for what waits; absent while somebody does. */
  idleSinceUs(): number | undefined
}

export function createClaims(
  connection: Connection,
  hand: InHand,
  ackWaitMs: number,
  clock: Pick<Clock, 'monotonicUs' | 'after'>,
  { idleSinceUs }: Holder,
): Claims {
  let timer: Timer | undefined
  let releasing: Promise<unknown> = Promise.resolve()
  let stopped = false

  const say: Claims['say'] = (delivery, said, delayMs) => {
    if (connection.client !== undefined) answer(connection.client, delivery, said, delayMs)
  }
  const release = (batch: Batch): void => {
    const { client } = connection
    const last = batch.at(-1)
    if (last === undefined) return
    if (client === undefined) return
    for (const { delivery } of batch.slice(0, -1)) say(delivery, '-NAK')
    // The server works through its answers one by one, so the last one stands for all; a question for more could overtake them.
    const confirmed = answerAndWait(client, last.delivery, '-NAK', connection.timeoutMs).catch(() => undefined)
    releasing = Promise.all([releasing, confirmed])
  }
  const renew = (): void => {
    timer = undefined
    const nowUs = clock.monotonicUs()
    // This process stood still, or had no connection: somebody else has these, or they come again.
    const isLost = ({ renewedUs }: Held): boolean => nowUs - renewedUs >= ackWaitMs * 1000
    hand.drop(isLost)
    const since = idleSinceUs()
    if (since !== undefined && nowUs - since > 2000 * ackWaitMs) release(hand.drop(() => true))
    for (const held of [...hand.waiting, ...[...hand.out].flat()]) {
      if (connection.client === undefined || isLost(held)) continue
      say(held.delivery, '+WPI')
      held.renewedUs = nowUs
    }
    keep()
  }
  const keep = (): void => {
    if (!stopped && hand.waiting.length + hand.out.size > 0) timer ??= clock.after(ackWaitMs / 3, renew)
  }
  return {
    say,
    keep,
    release,
    released: () => releasing,
    stop: () => {
      stopped = true
      timer?.cancel()
    },
  }
}
