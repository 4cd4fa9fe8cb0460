// Connections on which nothing was ever sent. Node 24 counts them as busy when a server closes, and would wait for them.
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Answering } from './serving.ts'

/** Remembers the open connections. The answer ends those that are silent, and while the server stops every new one. */
export function silentConnections(server: Server, answering: Answering): () => void {
  const open = new Set<Socket>()
  server.on('connection', (socket) => {
    if (answering.stopping) return socket.destroy()
    open.add(socket)
    return socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }
}
