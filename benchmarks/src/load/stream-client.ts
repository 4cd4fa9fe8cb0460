// Clients of event streams, in a process of their own: open connections that count what comes, and read the time of sending in it.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { StreamAnswer, StreamOrder } from './stream-order.ts'

interface Streams {
  readonly sockets: readonly Socket[]
  bytes: number
  isTimed: boolean
  /** Microseconds from sending to arrival, of every event of every client. */
  latenciesUs: number[]
  /** Looks whether what is waited for has come. */
  look: () => void
}
const open = new Map<string, Streams>()
const openAtOnce = 100

async function openStreams(name: string, url: string, path: string, count: number): Promise<void> {
  const { hostname, port, host } = new URL(url)
  const sockets: Socket[] = []
  const streams: Streams = { sockets, bytes: 0, isTimed: false, latenciesUs: [], look: () => undefined }
  open.set(name, streams)
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(openAtOnce, count - sockets.length) }, async () => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      sockets.push(socket)
      await opened(socket, request)
      socket.on('data', (chunk: Buffer) => take(streams, chunk))
    })
    await Promise.all(batch)
  }
  streams.bytes = 0
}

/** Resolves when the head of the answer and the first block of the stream have come. */
function opened(socket: Socket, request: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1')
      if (!text.includes('retry:') || !text.endsWith('\n\n\r\n')) return
      socket.off('data', read)
      resolve()
    }
    socket.on('data', read).on('error', reject)
    socket.write(request)
  })
}

const sentAt = Buffer.from('"at":"')

function take(streams: Streams, chunk: Buffer): void {
  streams.bytes += chunk.length
  if (streams.isTimed) readTimes(streams, chunk)
  streams.look()
}

/** One event at a time is on its way to a client, so it comes in one piece. */
function readTimes(streams: Streams, chunk: Buffer): void {
  const now = process.hrtime.bigint()
  for (let at = chunk.indexOf(sentAt); at !== -1; at = chunk.indexOf(sentAt, at + sentAt.length)) {
    const start = at + sentAt.length
    const text = chunk.toString('latin1', start, chunk.indexOf('"', start))
    streams.latenciesUs.push(Number(now - BigInt(text)) / 1000)
  }
}

function reached(streams: Streams, isReached: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    streams.look = () => {
      if (!isReached()) return
      streams.look = () => undefined
      resolve()
    }
    streams.look()
  })
}

async function obey(order: StreamOrder): Promise<StreamAnswer> {
  const none = { medianUs: 0 }
  if (order.kind === 'open') {
    await openStreams(order.name, order.url, order.path, order.clients)
    return none
  }
  const streams = open.get(order.name)
  if (streams === undefined) throw new Error(`No streams are named ${order.name}.`)
  if (order.kind === 'stall') for (const socket of streams.sockets) socket.pause()
  else if (order.kind === 'close') {
    for (const socket of streams.sockets) socket.destroy()
    open.delete(order.name)
  } else if (order.kind === 'bytes') {
    await reached(streams, () => streams.bytes >= order.bytes)
    if (streams.bytes !== order.bytes) throw new Error(`Expected ${order.bytes} bytes, received ${streams.bytes}.`)
    streams.bytes = 0
  } else if (order.kind === 'time') streams.isTimed = true
  else {
    await reached(streams, () => streams.latenciesUs.length >= order.events * streams.sockets.length)
    const sorted = streams.latenciesUs.toSorted((a, b) => a - b)
    streams.latenciesUs = []
    return { medianUs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN }
  }
  return none
}

process.on('message', (order: StreamOrder) => {
  const answer = (message: StreamAnswer): void => void process.send?.(message)
  obey(order).then(answer, (error: unknown) => answer({ failed: String(error) }))
})
