// The limit of event streams: a loop that writes one prepared buffer to every response. Nobody is counted, filtered or kept up with.
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

export interface BareStream extends AsyncDisposable {
  readonly url: string
  send(frame: Uint8Array): void
}

export async function bareStream(): Promise<BareStream> {
  const responses = new Set<ServerResponse>()
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('retry: 3000\n\n')
    responses.add(response)
    response.once('close', () => responses.delete(response))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    send: (frame) => {
      for (const response of responses) response.write(frame)
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
