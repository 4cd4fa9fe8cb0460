// Whose turn it is in an ordered group. The server hands out new messages while older ones are in the hands of others, or on a connection
// that was cut, or with a process that died. An event is given out only when nothing older can still be under way: when the group has
// delivered nothing to anybody else since, or the server says that everything older is acknowledged.
import type { Clock } from '@gesta/core/ports'
import type { Delivery } from './delivery.ts'
import type { Held, InHand } from './in-hand.ts'

/** How far a group has come. */
export interface Progress {
  /** Of what is acknowledged without a gap: the number of its delivery, and its place in the stream. */
  readonly acknowledged: { readonly turn: number; readonly sequence: number }
  /** The place in the stream of the last message that was delivered. */
  readonly delivered: number
  /** Messages that are in somebody's hands, or were lost on the way there. */
  readonly inHands: number
}
export interface Turns {
  /** Whether a delivery can be given out as soon as it arrives: nothing was delivered to others, or lost, since the last one. */
  arrives(delivery: Delivery): boolean
  /** Something that was here comes again, to whomever: what comes next may come before it. */
  losesSome(): void
  /**
   * Asks how far the group is, and clears what may be given out. `quietUs`: when the server was last asked for messages and had none that
   * came again. Whatever was lost before the time that it waits has come then.
   */
  look(quietUs: number | undefined): Promise<void>
  /**
   * Whether the server's word of what is acknowledged fell behind, as of the last look: one that was restarted says the same until nothing
   * is in anybody's hands for a moment. Only whoever has all that is in hands knows then that it comes first, so others have to let go.
   */
  readonly fellBehind: boolean
  /** Messages that are in the hands of others or were lost on the way, as of the last look. */
  readonly elsewhere: number
  /** Numbers of deliveries before which others may have got some, as far as it matters: of what came since nothing waited, and one more. */
  readonly gaps: readonly number[]
}

/** So many times as long as the server waits, an event waits for older ones in other hands. */
const patience = 20

export function createTurns(
  hand: InHand,
  progressOf: () => Promise<Progress>,
  ackWaitMs: number,
  clock: Pick<Clock, 'monotonicUs'>,
): Turns {
  /** The number that the next delivery has, if it goes to nobody else. */
  let next: number | undefined
  let gaps: number[] = []
  let fellBehind = false
  let elsewhere = 0
  return {
    get fellBehind() {
      return fellBehind
    },
    get elsewhere() {
      return elsewhere
    },
    get gaps() {
      return gaps
    },
    arrives: ({ turn, deliveries }) => {
      // Nothing here is before the last one, and when that is cleared, so are those before it.
      if (hand.waiting.length === 0) gaps.splice(0, gaps.length - 1)
      if (turn !== next) gaps.push(turn)
      next = turn + 1
      return gaps.length === 0 && deliveries === 1
    },
    losesSome: () => {
      next = undefined
    },
    look: async (quietUs) => {
      const asked = hand.waiting
      const { acknowledged, delivered, inHands } = await progressOf()
      elsewhere = inHands - asked.length - [...hand.out].flat().length
      fellBehind = delivered - acknowledged.sequence > inHands
      gaps = gaps.filter((turn) => turn - 1 > acknowledged.turn)
      const isMine = elsewhere === 0
      const waitedUntil = (atUs: number, { arrivedUs }: Held): boolean => atUs - arrivedUs > ackWaitMs * 1000
      const isFirst = (held: Held): boolean => {
        const { deliveries, turn, sequence } = held.delivery
        // Numbers and places that are gone for good, because what had them was deleted, are not waited for.
        if (isMine && waitedUntil(clock.monotonicUs(), held)) return true
        // Nobody waits for ever: a server that was restarted may tell less than is true.
        if (clock.monotonicUs() - held.arrivedUs > patience * ackWaitMs * 1000) return true
        if (deliveries === 1) return !gaps.some((gap) => gap <= turn)
        // What comes again has another number than before.
        return acknowledged.sequence + 1 >= sequence || (quietUs !== undefined && waitedUntil(quietUs, held))
      }
      for (const held of asked) held.cleared ||= isFirst(held)
    },
  }
}
