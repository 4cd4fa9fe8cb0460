// The tail: the newest commits, decoded and in memory, so that readers that are up to date read no store. Bounded in
// bytes; a reader that is behind it reads the store instead. "Live" is a hit here, not a mode.
import type { RecordedEvent } from '../contracts/recorded-event.ts'
import type { EventDecoder } from '../stores/event/event-decoder.ts'
import type { EventStore, StoredCommit } from '../stores/event/event-store.ts'

export interface Tail extends Disposable {
  /** Whole commits after a position, about `limit` events; `undefined` when the tail does not hold them. */
  after(position: number, limit: number): readonly RecordedEvent[] | undefined
  /** Drops all events; their readers go to the store. */
  forget(): void
  /** The last position that this process knows of. */
  readonly head: number
  /** Called whenever `head` grew. */
  onGrowth(listener: () => void): Disposable
}
interface Piece {
  readonly events: readonly RecordedEvent[]
  readonly lastPosition: number
  readonly bytes: number
}

const gone: Piece = { events: [], lastPosition: 0, bytes: 0 }

/** Follows what this process stores, from the end of the log (`head`) on. */
export function createTail(store: EventStore, decoder: EventDecoder, head: number, bytesMax: number): Tail {
  const listeners = new Set<() => void>()
  // A queue over an array: `start` moves, and the used part is cut off now and then.
  let pieces: Piece[] = []
  let start = 0
  let bytes = 0
  let base = head
  let last = head
  // Until somebody reads, nothing is kept: in an app without read models an event is garbage as soon as it was answered for.
  let hasReader = false

  const drop = (): void => {
    const piece = pieces[start]
    if (piece === undefined) return
    // The slot stays until the next cut; what it held must not.
    pieces[start++] = gone
    bytes -= piece.bytes
    base = piece.lastPosition
    if (start > 1024 && start * 2 > pieces.length) {
      pieces = pieces.slice(start)
      start = 0
    }
  }
  const forget = (upTo: number): void => {
    pieces = []
    start = 0
    bytes = 0
    base = upTo
  }
  const add = (stored: StoredCommit): void => {
    if (!hasReader) {
      base = last = stored.receipt.position
      return
    }
    let events: readonly RecordedEvent[]
    try {
      events = decoder.eventsOf(stored)
    } catch {
      // Storing it was no fault: who reads it from the store meets what is wrong.
      forget(stored.receipt.position)
      last = base
      return
    }
    const first = events[0]
    if (first === undefined) return
    // Another process stored something in between: what is here is no longer the end of the log.
    if (first.position !== last + 1) forget(first.position - 1)
    last = stored.receipt.position
    const size = bytesOf(stored)
    pieces.push({ events, lastPosition: last, bytes: size })
    bytes += size
    while (bytes > bytesMax && start < pieces.length) drop()
  }
  const subscription = store.onAppend((stored) => {
    const before = last
    for (const commit of stored) add(commit)
    if (last !== before) for (const listener of listeners) listener()
  })

  return {
    after: (position, limit) => {
      hasReader = true
      if (position < base) return undefined
      const found: RecordedEvent[] = []
      for (let at = firstAfter(pieces, start, position); at < pieces.length && found.length < limit; at++)
        found.push(...(pieces[at]?.events ?? []))
      return found
    },
    forget: () => forget(last),
    get head() {
      return last
    },
    onGrowth: (listener) => {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    [Symbol.dispose]: () => {
      subscription[Symbol.dispose]()
      listeners.clear()
      pieces = []
    },
  }
}

/** Index of the first piece that ends after a position. */
function firstAfter(pieces: readonly Piece[], start: number, position: number): number {
  let low = start
  let high = pieces.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((pieces[middle]?.lastPosition ?? 0) > position) high = middle
    else low = middle + 1
  }
  return low
}

const eventOverheadBytes = 400

function bytesOf({ commit }: StoredCommit): number {
  let bytes = commit.context.length
  for (const { events } of commit.streams) for (const { data } of events) bytes += data.length * 2 + eventOverheadBytes
  return bytes
}
