// Signals between processes: whoever stored something says so, and whoever listens looks into the log sooner than it would by itself.
// They are hints. They travel over connections of their own and never with an append, because a transaction that notifies waits for
// every other one that does.
import type { Clock, Ids, Timer } from '@gesta/core/ports'
import type { Connection } from './driver.ts'
import type { Line } from './line.ts'

export interface SignalOptions {
  /** To the server itself: who listens needs a session of its own. */
  readonly line: Line
  /** The schema, unquoted: its signals go by this name. */
  readonly schema: string
  readonly clock: Clock
  readonly ids: Ids
}
export interface Signals {
  /** Says that something was stored, soon and once for all that is stored until then. Never fails. */
  send(): void
  /** Calls the listener when another process has said so. */
  onSignal(listener: () => void): Disposable
  close(): Promise<void>
}

/** Milliseconds in which what was stored is gathered for one signal. */
const gatherMs = 20
/** Milliseconds before a lost connection is opened again. Meanwhile readers look by themselves. */
const reopenMs = 1_000

export function createSignals({ line, schema, clock, ids }: SignalOptions): Signals {
  const channel = `gesta ${schema}`
  // Every process hears itself too.
  const own = ids.newId()
  const listeners = new Set<() => void>()
  let gathering: Timer | undefined
  let reopening: Timer | undefined
  let isClosed = false
  let listening: Connection | undefined

  const hear = (payload: string): void => {
    if (payload !== own) for (const listener of listeners) listener()
  }
  const listen = async (): Promise<void> => {
    if (isClosed || listeners.size === 0 || listening !== undefined) return
    try {
      const connection = await line.connection()
      if (listening === connection) return
      // A pooler would give the next statement another session: then readers look by themselves.
      if (connection.session === undefined) return
      listening = connection
      connection.onNotice(hear)
      connection.onLost(() => {
        listening = undefined
        later()
      })
      await connection.query(`LISTEN "${channel}"`)
      // What was stored before it listened was not heard.
      hear('')
    } catch {
      listening = undefined
      later()
    }
  }
  const later = (): void => {
    reopening?.cancel()
    if (!isClosed) reopening = clock.after(reopenMs, () => void listen())
  }
  const notify = async (): Promise<void> => {
    gathering = undefined
    try {
      const connection = await line.connection()
      await connection.query('SELECT pg_notify($1, $2)', [channel, own])
    } catch {
      // Nobody is told, and everybody finds it by looking.
    }
  }

  return {
    send: () => {
      if (!isClosed) gathering ??= clock.after(gatherMs, () => void notify())
    },
    onSignal: (listener) => {
      listeners.add(listener)
      void listen()
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
    close: async () => {
      isClosed = true
      gathering?.cancel()
      reopening?.cancel()
      await line.close()
    },
  }
}
