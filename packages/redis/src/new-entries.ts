// Waits for new entries of a stream, on a connection of its own, because whatever else it carried would have to wait too. Nothing is
// taken: who waits is told to look.
import type { Connection } from './connection.ts'

export interface NewEntries extends AsyncDisposable {
  /** Resolves when the stream may have an entry after `last`, and after `waitMs` anyway. Errors: `broker_unavailable`, `broker_closed`. */
  after(last: string): Promise<void>
}

export function watchStream(connection: Connection, stream: string, waitMs: number): NewEntries {
  let reading: Promise<void> | undefined
  const read = async (last: string): Promise<void> => {
    const words = ['XREAD', 'COUNT', '1', 'BLOCK', String(waitMs), 'STREAMS', stream, last]
    try {
      await connection.call((client) => client.sendCommand(words))
    } finally {
      reading = undefined
    }
  }
  return {
    // Who stopped waiting has left a question behind. It is about an earlier entry, so its answer comes no later than that of a new one.
    after: (last) => (reading ??= read(last)),
    [Symbol.asyncDispose]: async () => {
      connection.cut()
      await connection[Symbol.asyncDispose]()
    },
  }
}
