// The client's stream of presentation events: one for all its listeners, open while there are any. It comes back by itself, and goes
// on where it was.
import { failureOf, parse, pause } from './call.ts'
import { ClientError } from './client-error.ts'
import { createEventParser } from './event-parser.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { EventSubscription, SubscribeOptions } from './subscriptions.ts'
import type { ClientSession } from './session.ts'
import type { ClientOptions } from './types.ts'

export type Subscribe = (type: string, listener: (data: never) => void, options?: SubscribeOptions) => EventSubscription

/** Milliseconds before coming back, until the server names others; doubled with each failure in succession, and jittered. */
const retryMsDefault = 1000
const retryMsMax = 30_000
/** Milliseconds to start from after a failure, when the server names fewer: it may ask for no pause, but not while it is away. */
const retryMsMin = 100
/** Milliseconds without a sign of life after which a stream is given up: three of the server's heartbeats. */
const silenceMsDefault = 45_000

/** A request for events: what it asks for, and whether the server has answered. */
interface Asked {
  readonly types: readonly string[]
  isOpen: boolean
}

export function createEventStream(client: ClientOptions, session: ClientSession): Subscribe {
  const subscriptions = createSubscriptions()
  let running: AbortController | undefined
  let asked: Asked | undefined
  let lastId: string | undefined
  let retryMs = retryMsDefault

  /** Opens the stream for the types that are listened to now. What was open ends, and nothing is missed in between. */
  const restart = (): void => {
    running?.abort()
    const controller = new AbortController()
    running = controller
    asked = undefined
    // Subscriptions of one moment share one request.
    queueMicrotask(() => {
      if (!controller.signal.aborted) void keepListening(controller.signal)
    })
  }
  const stop = (): void => {
    running?.abort()
    running = undefined
    asked = undefined
    lastId = undefined
  }

  const keepListening = async (signal: AbortSignal): Promise<void> => {
    let failures = 0
    while (!signal.aborted) {
      try {
        await listen(signal, () => (failures = 0))
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof ClientError && !mayPass(error)) {
          running = undefined
          subscriptions.failed(error)
          return
        }
      }
      const firstMs = failures === 0 ? retryMs : Math.max(retryMs, retryMsMin)
      const waitMs = Math.min(retryMsMax, firstMs * 2 ** failures++) * (0.5 + Math.random())
      await pause(waitMs, signal).catch(() => undefined)
    }
  }

  const listen = async (signal: AbortSignal, alive: () => void): Promise<void> => {
    const own: Asked = { types: subscriptions.types, isOpen: false }
    asked = own
    const end = new AbortController()
    const silenceMs = client.silenceMs ?? silenceMsDefault
    let timer = setTimeout(() => end.abort(), silenceMs)
    try {
      const path = `/api/events?types=${own.types.join(',')}`
      const response = await session.send(path, {
        headers: { accept: 'text/event-stream', ...(lastId === undefined ? undefined : { 'last-event-id': lastId }) },
        signal: AbortSignal.any([signal, end.signal]),
      })
      if (!response.ok || response.headers.get('content-type')?.startsWith('text/event-stream') !== true)
        throw failureOf('The stream of events', response.status, parse(await response.text()))
      const read = createEventParser(({ id, event, data, retry }) => {
        if (signal.aborted) return
        if (retry !== undefined && /^\d+$/.test(retry)) retryMs = Number(retry)
        if (id !== undefined) {
          lastId = id
          if (!own.isOpen) subscriptions.opened(own.types)
          own.isOpen = true
        }
        if (event === 'resync') subscriptions.resync()
        else if (event !== undefined && event !== 'close' && data !== undefined)
          subscriptions.show(event, JSON.parse(data))
      })
      const reader = response.body?.getReader()
      const decoder = new TextDecoder()
      for (;;) {
        const piece = await reader?.read()
        if (piece === undefined || piece.done) return
        alive()
        clearTimeout(timer)
        timer = setTimeout(() => end.abort(), silenceMs)
        read(decoder.decode(piece.value, { stream: true }))
      }
    } finally {
      clearTimeout(timer)
      own.isOpen = false
      // A stream that is not read to its end would hold its place at the server.
      end.abort()
    }
  }

  return (type, listener, options = {}) => {
    const entry = subscriptions.add(type, listener, options)
    if (running === undefined || asked?.types.includes(type) !== true) restart()
    else if (asked.isOpen) entry.opened.resolve()
    return {
      opened: entry.opened.promise,
      [Symbol.dispose]: () => {
        subscriptions.remove(type, entry)
        if (subscriptions.types.length === 0) stop()
      },
    }
  }
}

function mayPass({ code, status }: ClientError): boolean {
  return code === 'unreachable' || status === 429 || (status >= 502 && status <= 504)
}
