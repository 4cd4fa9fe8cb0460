// A server that keeps what it receives and sends it back, and a client that keeps what it gets and how it ends.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

/** One end of a connection. */
export interface End {
  readonly received: string
  /** How the connection ended on this side; `undefined` while it is open. */
  readonly ended: 'in order' | 'reset' | undefined
  send(text: string): void
  /** Sends no more, and goes on receiving. */
  finish(): void
}

export interface EchoServer extends AsyncDisposable {
  readonly url: string
  /** The server's ends, in the order in which they were opened. */
  readonly ends: readonly End[]
}

export async function startEchoServer(): Promise<EchoServer> {
  const ends: End[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    ends.push(endOf(socket))
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ends,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      if (server.listening) await once(server.close(), 'close')
    },
  }
}

/** Connects; `refused` when nobody listens. */
export async function open(url: string): Promise<End | 'refused'> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), allowHalfOpen: true })
  const end = endOf(socket)
  try {
    await once(socket, 'connect')
    return end
  } catch {
    return 'refused'
  }
}

function endOf(socket: Socket): End {
  let received = ''
  let ended: End['ended']
  socket.setEncoding('utf8')
  socket.on('data', (text: string) => (received += text))
  socket.on('end', () => (ended ??= 'in order'))
  socket.on('error', () => (ended ??= 'reset'))
  return {
    get received() {
      return received
    },
    get ended() {
      return ended
    },
    send: (text) => void socket.write(text),
    finish: () => void socket.end(),
  }
}
