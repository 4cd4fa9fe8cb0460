// Records that wait to be written, in order: bounded in number and in size, so that a log that is away takes no more memory than this.
import type { CommandRecord } from '../stores/command-log/command-record.ts'

/** A record that waits, or has waited. */
export interface Buffered {
  record: CommandRecord
  state: 'waiting' | 'written' | 'lost'
}
export interface RecordQueue {
  /** Records that wait or are being written. */
  readonly size: number
  /** Records that do neither any more, ever. */
  readonly gone: number
  /** Whether there is a whole batch to be written. */
  readonly hasBatch: boolean
  readonly isEmpty: boolean
  /** Absent: there is no room. */
  push(record: CommandRecord): Buffered | undefined
  /** The first that wait, and no more than are written at once. */
  take(): readonly Buffered[]
  /** Ends what `take` began: what waits still goes back to the front, the rest leaves. */
  settle(): void
  /** Empties the queue; what was in it. */
  clear(): readonly Buffered[]
}

/** Characters of payloads: that wait at most, whatever their number, and that are written at once. */
const waitingLengthMax = 64 * 1024 * 1024
const batchLengthMax = 4 * 1024 * 1024

export function createRecordQueue(bufferMax: number, batchMax: number): RecordQueue {
  let queue: Buffered[] = []
  let taken: readonly Buffered[] = []
  let gone = 0
  let length = 0

  const size = (): number => taken.length + queue.length
  const drop = ({ record }: Buffered): void => {
    gone += 1
    length -= lengthOf(record)
  }
  return {
    get size() {
      return size()
    },
    get gone() {
      return gone
    },
    get hasBatch() {
      return queue.length >= batchMax || length >= batchLengthMax
    },
    get isEmpty() {
      return queue.length === 0
    },
    push: (record) => {
      const added = lengthOf(record)
      if (size() >= bufferMax || (length > 0 && length + added > waitingLengthMax)) return undefined
      const buffered: Buffered = { record, state: 'waiting' }
      queue.push(buffered)
      length += added
      return buffered
    },
    take: () => {
      let count = 0
      for (let total = 0; count < queue.length && count < batchMax && total < batchLengthMax; count += 1)
        total += lengthOf((queue[count] as Buffered).record)
      const next = queue.splice(0, count)
      // Who was let go meanwhile leaves.
      for (const buffered of next) if (buffered.state !== 'waiting') drop(buffered)
      return (taken = next.filter(({ state }) => state === 'waiting'))
    },
    settle: () => {
      const again = taken.filter(({ state }) => state === 'waiting')
      for (const buffered of taken) if (buffered.state !== 'waiting') drop(buffered)
      taken = []
      if (again.length > 0) queue = [...again, ...queue]
    },
    clear: () => {
      const all = [...taken, ...queue]
      for (const buffered of all) drop(buffered)
      queue = []
      taken = []
      return all
    },
  }
}

/** An outcome has the payload of its intent, so a record that is replaced keeps its length. */
function lengthOf({ payload = '' }: CommandRecord): number {
  return payload.length
}
