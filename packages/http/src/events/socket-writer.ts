// A WebSocket as the hub writes to it: every frame is one text message of JSON. Output only.
import type { Socket } from 'node:net'
import type { FanoutWriter, FrameFormat, StreamEnd } from '@gesta/core/host'
import type { WebSocket } from 'ws'
import { lingerMs } from './linger.ts'

/** Messages that are no presentation events have a type without a point, which no contract has. */
export const socketFormat: FrameFormat = {
  opening: (retryMs, id) => Buffer.from(JSON.stringify({ type: 'open', id, retryMs })),
  event: (id, type, json) => Buffer.from(`{"type":"${type}","id":"${id}","data":${json}}`),
  heartbeat: (id) => Buffer.from(`{"type":"heartbeat","id":"${id}"}`),
  resync: (id, reason) => Buffer.from(`{"type":"resync","id":"${id}","data":{"reason":"${reason}"}}`),
  closing: (reason) => Buffer.from(`{"type":"close","data":{"reason":"${reason}"}}`),
}

/** Close codes: 1001 come back, 1008 come back with other credentials or not at all. */
const closeCodes: { readonly [Reason in StreamEnd]: number } = {
  stopping: 1001,
  changed: 1001,
  revoked: 1008,
  expired: 1008,
}
/** For whoever sends anything: presentation events are never input. */
const outputOnly = 1008

const asText = { binary: false } as const

/** @param raw the connection below: it tells when it is full. */
export function socketWriter(socket: WebSocket, raw: Socket): FanoutWriter {
  let closing = false
  const close = (code: number, reason: string): void => {
    if (closing) return
    closing = true
    const linger = setTimeout(() => socket.terminate(), lingerMs)
    socket.once('close', () => clearTimeout(linger))
    socket.close(code, reason)
  }
  // A closing socket goes on reading, and messages cost less to send than to read. So all that follows the first one stays unread,
  // the peer's own farewell too: it is cut when it has had its time.
  socket.once('message', () => {
    close(outputOnly, 'output only')
    socket.pause()
  })
  return {
    write: (frame) => {
      socket.send(frame, asText)
      return !raw.writableNeedDrain
    },
    end: (reason) => close(closeCodes[reason], reason),
    destroy: () => socket.terminate(),
    onDrain: (listener) => raw.on('drain', listener),
    onClose: (listener) => socket.once('close', listener),
  }
}

/** Pings without an answer after which a peer is gone. One can be late because this process was busy. */
const unansweredMax = 2

/** Cuts a connection whose peer does not answer. What is returned stops asking. */
export function keepAsking(socket: WebSocket, pingMs: number): () => void {
  let unanswered = 0
  socket.on('pong', () => (unanswered = 0))
  const timer = setInterval(() => {
    if (unanswered === unansweredMax) return socket.terminate()
    unanswered++
    return socket.ping()
  }, pingMs)
  return () => clearInterval(timer)
}
