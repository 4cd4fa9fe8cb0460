// One client of a hub: its writer, and a bounded queue of frames for when the writer is full. A client whose queue is full is cut.
import type { Clock } from '../time/clock.ts'
import type { FanoutViewer } from './fanout-audience.ts'
import type { FrameFormat, StreamEnd } from './fanout-frames.ts'

/** What a stream is written to: an HTTP response, a WebSocket, an array. Its methods do not throw; a client whose `write` does is cut. */
export interface FanoutWriter {
  /** Takes a frame. False: it is full, and nothing more comes until `onDrain` has told that it is not. */
  write(frame: Uint8Array): boolean
  /** Ends the stream after what was written; a peer that does not read must not keep it for long. */
  end(reason: StreamEnd): void
  /** Cuts the stream at once. */
  destroy(): void
  onDrain(listener: () => void): void
  /** Called when the stream is over, whoever ended it. */
  onClose(listener: () => void): void
}

/** A place at a hub. What is sent from its making on is queued until it is opened. */
export interface FanoutConnection {
  /** Begins to write: the opening, what is replayed, what was sent meanwhile. */
  open(writer: FanoutWriter): void
  /** Ends the stream with a reason, and leaves the hub. */
  end(reason: StreamEnd): void
  /** Leaves the hub without a word, because the peer is gone. */
  leave(): void
}

/** What clients count together. */
export interface Sent {
  sent: number
  bytes: number
  dropped: number
}
export interface ClientSurroundings {
  readonly clock: Pick<Clock, 'monotonicUs'>
  readonly queueFramesMax: number
  readonly queueBytesMax: number
  readonly stallMs: number
  readonly counters: Sent
  /** The client is out: called once. */
  left(client: FanoutClient): void
}

export class FanoutClient implements FanoutConnection {
  readonly viewer: FanoutViewer
  readonly format: FrameFormat
  /** The hub's last event when it joined: live events are later ones. */
  readonly joinedAt: number
  readonly #around: ClientSurroundings
  #writer: FanoutWriter | undefined
  /** While it is blocked frames wait in the queue; else the queue is empty. */
  #blocked = true
  #blockedAtUs: number
  #over = false
  #queue: Uint8Array[]
  #next = 0
  /** Frames at the head of the queue that its bounds do not count: the ring has bounds of its own. */
  #replaying: number
  #liveBytes = 0

  constructor(
    viewer: FanoutViewer,
    format: FrameFormat,
    joinedAt: number,
    replay: readonly Uint8Array[],
    around: ClientSurroundings,
  ) {
    this.viewer = viewer
    this.format = format
    this.joinedAt = joinedAt
    this.#around = around
    this.#queue = [...replay]
    this.#replaying = replay.length
    this.#blockedAtUs = around.clock.monotonicUs()
  }

  open(writer: FanoutWriter): void {
    if (this.#over) return writer.destroy()
    this.#writer = writer
    writer.onClose(() => this.leave())
    writer.onDrain(() => this.#flush())
    return this.#flush()
  }

  /** Hands a live frame over: writes it, queues it, or cuts a client whose queue is full. */
  offer(frame: Uint8Array): void {
    if (this.#over) return
    if (!this.#blocked) return this.#write(frame)
    const { queueFramesMax, queueBytesMax } = this.#around
    const frames = this.#queue.length - this.#next - this.#replaying
    if (frames >= queueFramesMax || this.#liveBytes + frame.length > queueBytesMax) return this.#drop()
    this.#queue.push(frame)
    this.#liveBytes += frame.length
  }

  /** A sign of life for who can take it; who could take nothing for `stallMs` is cut. */
  beat(frame: Uint8Array): void {
    if (this.#over) return
    if (!this.#blocked) return this.#write(frame)
    const { clock, stallMs } = this.#around
    if (clock.monotonicUs() - this.#blockedAtUs >= stallMs * 1000) this.#drop()
  }

  end(reason: StreamEnd): void {
    if (this.#over) return
    if (this.#blocked) {
      this.#writer?.destroy()
    } else {
      this.#write(this.format.closing(reason))
      this.#writer?.end(reason)
    }
    this.leave()
  }

  leave(): void {
    if (this.#over) return
    this.#over = true
    this.#queue = []
    this.#around.left(this)
  }

  #drop(): void {
    this.#around.counters.dropped++
    this.#writer?.destroy()
    this.leave()
  }

  #flush(): void {
    this.#blocked = false
    while (!this.#over && !this.#blocked && this.#next < this.#queue.length) {
      const frame = this.#queue[this.#next++] as Uint8Array
      if (this.#replaying > 0) this.#replaying--
      else this.#liveBytes -= frame.length
      this.#write(frame)
    }
    // A client that is always a little behind must not keep what it has got.
    if (this.#next * 2 < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#next)
    this.#next = 0
  }

  #write(frame: Uint8Array): void {
    const { counters, clock } = this.#around
    counters.sent++
    counters.bytes += frame.length
    try {
      if (this.#writer?.write(frame) === true) return
    } catch {
      // A writer that breaks its promise is this client's misfortune, and nobody else's.
      this.#drop()
    }
    this.#blocked = true
    this.#blockedAtUs = clock.monotonicUs()
  }
}
