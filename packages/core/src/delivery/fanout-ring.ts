// The replay ring: the last events that were sent, for clients that come back. Bounded in events and bytes; in memory only.
import type { FrameFormat, ResyncReason } from './fanout-frames.ts'
import type { RingIds } from './fanout-ids.ts'

/** A presentation event as the hub keeps it. */
export interface ShownEvent {
  readonly type: string
  /** Of the command that emitted it; the empty text when it has none. */
  readonly tenant: string
  /** Labels that a client must all hold; absent = everyone of the tenant. */
  readonly audience: readonly string[] | undefined
  /** The value as JSON text. */
  readonly json: string
}
interface RingEvent extends ShownEvent {
  /** Its place in the ring's life, from 1, without gaps. */
  readonly sequence: number
  readonly id: string
}
export interface FanoutRing {
  /** The last event's sequence; 0 before the first one. */
  readonly last: number
  /** The id of the last event; before the first one of the ring's beginning. */
  readonly lastId: string
  append(event: ShownEvent): RingEvent
  /** The bytes of an event; made on first use, and kept as long as the event. */
  frame(event: RingEvent, format: FrameFormat): Uint8Array
  /** What came after the event that an id names, or why that cannot be said. */
  after(id: string): readonly RingEvent[] | ResyncReason
}

interface Kept extends RingEvent {
  readonly frames: Map<FrameFormat, Uint8Array>
}

export function createFanoutRing(
  ids: RingIds,
  bounds: { readonly ringEventsMax: number; readonly ringBytesMax: number },
): FanoutRing {
  /** From the oldest; those before `head` were let go. */
  let kept: (Kept | undefined)[] = []
  let head = 0
  let bytes = 0
  let last = 0
  let lastId = ids.id(0)

  const size = (): number => kept.length - head
  const letGo = (): void => {
    const oldest = kept[head]
    kept[head++] = undefined
    if (oldest !== undefined) bytes -= bytesOf(oldest)
    if (head * 2 <= kept.length) return
    kept = kept.slice(head)
    head = 0
  }
  const trim = (): void => {
    while (size() > 0 && (size() > bounds.ringEventsMax || bytes > bounds.ringBytesMax)) letGo()
  }
  return {
    get last() {
      return last
    },
    get lastId() {
      return lastId
    },
    append: (event) => {
      const sequence = ++last
      lastId = ids.id(sequence)
      const added: Kept = { ...event, sequence, id: lastId, frames: new Map() }
      kept.push(added)
      bytes += bytesOf(added)
      trim()
      return added
    },
    frame: (event, format) => {
      const { frames } = event as Kept
      const made = frames.get(format)
      if (made !== undefined) return made
      const frame = format.event(event.id, event.type, event.json)
      const inRing = event.sequence > last - size()
      frames.set(format, frame)
      if (inRing) {
        bytes += frame.length
        trim()
      }
      return frame
    },
    after: (id) => {
      const sequence = ids.sequence(id)
      if (sequence === undefined || sequence > last) return 'unknown'
      const missed = last - sequence
      if (missed > size()) return 'behind'
      return kept.slice(kept.length - missed) as readonly Kept[]
    },
  }
}

/** What an event costs besides its frames: its text, and about what holds it. */
const overheadBytes = 200

function bytesOf({ json, frames }: Kept): number {
  let bytes = overheadBytes + Buffer.byteLength(json)
  for (const frame of frames.values()) bytes += frame.length
  return bytes
}
