// Connections on which nothing was ever asked. Node 24 counts them as busy when a server closes, or not at all, and would wait for them.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Answering } from './serving.ts'

/** Remembers the open connections. The answer ends those that are silent, and while the server stops every new one. */
export function silentConnections(server: Server, answering: Answering): () => void {
  return watch(server, 'connection', answering, saidNothing)
}

/** The same over TLS: silent is who has not finished the handshake, and who said nothing after it. */
export function silentSecureConnections(server: Server, answering: Answering): () => void {
  const shaken = new Set<string>()
  server.on('secureConnection', (socket: Socket) => {
    const peer = peerOf(socket)
    shaken.add(peer)
    socket.once('close', () => shaken.delete(peer))
  })
  const endSilent = watch(server, 'secureConnection', answering, saidNothing)
  const endShaking = watch(server, 'connection', answering, (socket) => !shaken.has(peerOf(socket)))
  return () => {
    endSilent()
    endShaking()
  }
}

function watch(
  server: Server,
  event: 'connection' | 'secureConnection',
  answering: Answering,
  isSilent: (socket: Socket) => boolean,
): () => void {
  const open = new Set<Socket>()
  server.on(event, (socket: Socket) => {
    if (answering.stopping) return socket.destroy()
    open.add(socket)
    return socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) if (isSilent(socket)) socket.destroy()
  }
}

function saidNothing({ bytesRead }: Socket): boolean {
  return bytesRead === 0
}

/** Of a connection and of what is spoken over it the same. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
