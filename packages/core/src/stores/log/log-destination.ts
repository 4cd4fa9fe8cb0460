// Where a logger writes so that its lines reach a log store: it takes them at once, and hands them on in batches.
import type { Clock, Timer } from '../../time/clock.ts'
import { toLogEntry } from './log-line.ts'
import type { LogStore, NewLogEntry } from './log-store.ts'

export interface LogDestinationOptions {
  /** Characters of lines that wait for the store at most; what comes beyond them is dropped and counted. Default 8 Mi. */
  readonly waitingMax?: number | undefined
  /** Milliseconds that a line waits for others. Default 200. */
  readonly gatherMs?: number | undefined
}
/** What pino, and other loggers that write JSON lines, take as their destination. */
export interface LogDestination extends AsyncDisposable {
  /** Takes one or more lines, each ended by a line feed. Never waits and never throws. */
  write(lines: string): void
  /** Hands on what waits, and then calls `done`; with the store's error if it could not be handed on, when it goes on waiting. */
  flush(done?: (error?: Error) => void): void
  /** Lines that were dropped so far. The store is told in a line of its own. */
  readonly dropped: number
}

const batchLinesMax = 500
const retryMs = 1000

/** Closing it hands on what waits; lines that the store does not take then are dropped. The store stays open. */
export function createLogDestination(
  store: Pick<LogStore, 'append'>,
  clock: Clock,
  { waitingMax = 8 * 1024 * 1024, gatherMs = 200 }: LogDestinationOptions = {},
): LogDestination {
  let waiting: NewLogEntry[] = []
  let characters = 0
  let dropped = 0
  let reported = 0
  let timer: Timer | undefined
  let handing: Promise<void> | undefined
  let closed = false

  const take = (line: string): void => {
    const entry = toLogEntry(line, clock.nowUs())
    const size = sizeOf(entry)
    if (closed || characters + size > waitingMax) return void (dropped += 1)
    waiting.push(entry)
    characters += size
  }
  const schedule = (delayMs: number): void => {
    timer ??= clock.after(delayMs, () => {
      timer = undefined
      // What fails here is tried again: the lines still wait.
      handOn().catch(() => closed || schedule(retryMs))
    })
  }
  /** Appends batch after batch until nothing waits. One call at a time, so that lines keep their order. */
  const handOn = (): Promise<void> =>
    (handing ??= handBatches().finally(() => {
      handing = undefined
    }))
  const handBatches = async (): Promise<void> => {
    while (waiting.length > 0 || reported < dropped) {
      const batch = waiting.slice(0, batchLinesMax)
      const lost = dropped
      await store.append(lost > reported ? [...batch, lostLine(lost - reported, clock.nowUs())] : batch)
      reported = lost
      waiting = waiting.slice(batch.length)
      characters -= batch.reduce((sum, entry) => sum + sizeOf(entry), 0)
    }
  }

  return {
    write: (lines) => {
      for (const line of lines.split('\n')) if (line.trim() !== '') take(line)
      if (!closed && handing === undefined) schedule(waiting.length >= batchLinesMax ? 0 : gatherMs)
    },
    flush: (done) => {
      handOn().then(
        () => done?.(),
        (error: unknown) => {
          done?.(error as Error)
          if (!closed) schedule(retryMs)
        },
      )
    },
    get dropped() {
      return dropped
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      timer?.cancel()
      try {
        await handing?.catch(() => undefined)
        await handOn()
      } catch {
        dropped += waiting.length
        waiting = []
      }
    },
  }
}

function sizeOf({ text, fields = '' }: NewLogEntry): number {
  return text.length + fields.length
}

function lostLine(count: number, nowUs: number): NewLogEntry {
  return {
    level: 'warn',
    at: nowUs,
    tenant: '',
    text: `${count} lines of this log were dropped, because the store did not take them in time.`,
    fields: JSON.stringify({ dropped: count }),
  }
}
