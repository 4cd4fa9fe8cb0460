// The load, in a process of its own: keep-alive connections that send one request and wait for its answer. It reads no more of an
// answer than its status and length, so that the server is what is measured.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import type { LoadAnswer, LoadOrder, LoadResult } from './load.ts'

async function load({ url, path, connections, requests, headers = {} }: LoadOrder): Promise<LoadResult> {
  const { hostname, port, host } = new URL(url)
  const lines = Object.entries({ host, accept: 'application/json', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(hostname, Number(port))))
  const latenciesUs: number[] = []
  let sent = 0
  const take = (): boolean => sent++ < requests
  const startedAt = performance.now()
  await Promise.all(sockets.map((socket) => keepAsking(socket, request, take, latenciesUs)))
  const perSec = (requests * 1000) / (performance.now() - startedAt)
  for (const socket of sockets) socket.removeAllListeners('close').destroy()
  latenciesUs.sort((a, b) => a - b)
  return {
    perSec,
    p50us: latenciesUs[Math.floor(requests * 0.5)] ?? Number.NaN,
    p99us: latenciesUs[Math.floor(requests * 0.99)] ?? Number.NaN,
  }
}

function open(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(socket))
    socket.once('error', reject)
  })
}

/** One request at a time, until there are no more to take. */
function keepAsking(socket: Socket, request: Buffer, take: () => boolean, latenciesUs: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    let sentAt = 0
    let received = 0
    let length = 0
    const next = (): void => {
      if (!take()) return resolve()
      received = 0
      length = 0
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('The server closed a connection that was in use.')))
    socket.on('data', (chunk: Buffer) => {
      if (length === 0) length = lengthOf(chunk)
      received += chunk.length
      if (received < length) return
      latenciesUs.push((performance.now() - sentAt) * 1000)
      next()
    })
    next()
  })
}

/** Bytes of the answer that begins here. Its head comes in one piece: it is far smaller than a segment. */
function lengthOf(chunk: Buffer): number {
  const headEnd = chunk.indexOf('\r\n\r\n')
  const head = chunk.toString('latin1', 0, headEnd)
  const bodyBytes = /\r\ncontent-length: (\d+)/i.exec(head)?.[1]
  if (!head.startsWith('HTTP/1.1 200') || bodyBytes === undefined)
    throw new Error(`Expected an answer 200 with its length, received: ${chunk.toString()}`)
  return headEnd + 4 + Number(bodyBytes)
}

process.on('message', (order: LoadOrder) => {
  const answer = (message: LoadAnswer): void => void process.send?.(message)
  load(order).then(answer, (error: unknown) => answer({ failed: String(error) }))
})
