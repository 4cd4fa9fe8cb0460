// A plain client of the WebSocket.
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { after } from 'node:test'
import { WebSocket } from 'ws'
import { createHearing } from '@gesta/core/conformance/fanout'
import type { Asking, Listener } from '@gesta/core/conformance/fanout'
import { askingHeaders, eventsUrl } from './events-app.ts'

interface Message {
  readonly type: string
  readonly id: string
  readonly data: unknown
}
export interface SocketClient extends Listener {
  readonly socket: WebSocket
}

/** A socket that nobody reads would keep the process of the tests alive. */
const open = new Set<WebSocket>()
after(() => open.forEach((socket) => socket.terminate()))

/** Connects. Resolves when the stream is open; rejects with the `code` of the problem. */
export async function connectSocket(
  url: string,
  asking: Asking,
  headers: { readonly [name: string]: string } = {},
): Promise<SocketClient> {
  const socket = new WebSocket(eventsUrl(url, asking).replace(/^http/, 'ws'), {
    headers: { ...askingHeaders(asking), ...headers },
  })
  open.add(socket)
  const hearing = createHearing()
  const opened = Promise.withResolvers<void>()
  socket.on('unexpected-response', (_, response: IncomingMessage) => {
    void response
      .setEncoding('utf8')
      .toArray()
      .then((pieces) => {
        const { code } = JSON.parse(pieces.join('')) as { readonly code: string }
        opened.reject(
          Object.assign(new Error(`refused with ${response.statusCode}`), { code, status: response.statusCode }),
        )
      })
  })
  socket.on('error', opened.reject)
  socket.on('message', (text: Buffer) => {
    const { type, id, data } = JSON.parse(text.toString()) as Message
    if (type === 'open') {
      hearing.hear({ kind: 'open', id })
      opened.resolve()
    } else if (type === 'heartbeat') hearing.hear({ kind: 'heartbeat', id })
    else if (type === 'resync') {
      hearing.hear({ kind: 'resync', id, reason: (data as { readonly reason: string }).reason })
    } else if (type !== 'close') hearing.hear({ kind: 'event', id, type, data })
  })
  socket.on('close', (code, reason) => {
    open.delete(socket)
    hearing.hear({ kind: 'end', reason: code === 1006 ? undefined : reason.toString() })
    opened.reject(new Error(`The socket was closed with ${code}.`))
  })
  await opened.promise
  return {
    socket,
    next: hearing.next,
    stall: () => socket.pause(),
    leave: async () => {
      if (socket.readyState === WebSocket.CLOSED) return
      const closed = once(socket, 'close')
      socket.terminate()
      await closed
    },
  }
}
