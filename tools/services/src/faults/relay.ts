// One connection through the proxy: carries bytes in both directions, and applies the faults of the moment to them.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** `requests` flow from the client to the server, `answers` back. */
export type Direction = 'requests' | 'answers'

export interface Faults {
  /** Nothing passes, in no direction, and no end either. What was sent meanwhile passes when this is over. */
  readonly silent?: boolean | undefined
  /** Each piece of data waits this long before it passes. */
  readonly delayMs?: number | undefined
  /** The server gets everything, and the client never sees what it answers. */
  readonly answersLost?: boolean | undefined
  /** Exactly this many bytes pass in the direction, in each connection from now on; then the connection is cut. */
  readonly cutAfter?: { readonly direction: Direction; readonly bytes: number } | undefined
}

/** The faults of the moment, and the moment when others take their place. */
export interface Weather {
  readonly faults: Faults
  readonly changes: PromiseWithResolvers<void>
}

export interface Relay {
  /** Resolves when both sides are closed. */
  readonly closed: Promise<void>
  /** How many bytes were thrown away. */
  readonly lostBytes: number
  reset(): void
  /** Counts the bytes from zero, for `cutAfter`. */
  count(): void
}

export function relay(
  client: Socket,
  target: { readonly host: string; readonly port: number },
  weather: () => Weather,
): Relay {
  const server = connect({ ...target, allowHalfOpen: true })
  const sides = [client, server]
  const passed: Record<Direction, number> = { requests: 0, answers: 0 }
  let lostBytes = 0

  const reset = (): void => {
    for (const side of sides) breakOff(side)
  }
  const untilAudible = async (): Promise<void> => {
    while (weather().faults.silent === true && !client.destroyed) await weather().changes.promise
  }
  const pass = async (direction: Direction, piece: Buffer, from: Socket, to: Socket): Promise<void> => {
    const { delayMs } = weather().faults
    if (delayMs !== undefined) await delay(delayMs, undefined, { ref: false })
    await untilAudible()
    const { answersLost, cutAfter } = weather().faults
    if (direction === 'answers' && answersLost === true) {
      lostBytes += piece.length
      return
    }
    const left = cutAfter?.direction === direction ? cutAfter.bytes - passed[direction] : Infinity
    passed[direction] += piece.length
    if (piece.length < left) return written(to, piece)
    // The receiver gets an end instead of a reset, because a reset could overtake the bytes that it shall have.
    to.end(piece.subarray(0, left))
    breakOff(from)
  }
  const carry = async (direction: Direction, from: Socket, to: Socket): Promise<void> => {
    try {
      for await (const piece of from.iterator({ destroyOnReturn: false }))
        await pass(direction, piece as Buffer, from, to)
      await untilAudible()
      to.end()
    } catch {
      // Reset by its peer, or never connected: the other side shall see that too.
      await untilAudible()
      if (!to.writableEnded) to.resetAndDestroy()
    }
  }

  for (const side of sides) side.setNoDelay(true).on('error', () => undefined)
  void carry('requests', client, server)
  void carry('answers', server, client)
  return {
    closed: Promise.all(sides.map((side) => new Promise((resolve) => side.once('close', resolve)))).then(
      () => undefined,
    ),
    get lostBytes() {
      return lostBytes
    },
    reset,
    count: () => void Object.assign(passed, { requests: 0, answers: 0 }),
  }
}

/** Resets it. One whose end is on its way is closed without that: Node would try, fail, and never close it. */
function breakOff(side: Socket): void {
  if (side.writableEnded && !side.writableFinished) side.destroy()
  else side.resetAndDestroy()
}

/** Resolves when the piece is with the operating system, or the side is gone. */
async function written(to: Socket, piece: Buffer): Promise<void> {
  await new Promise<void>((resolve) => to.write(piece, () => resolve()))
}
