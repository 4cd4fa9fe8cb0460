// An address that answers everything alike and notes what it was asked.
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { json } from 'node:stream/consumers'

export interface Asked {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  /** Absent for a question without one. */
  readonly body: unknown
}
export interface Answering extends AsyncDisposable {
  readonly url: string
  readonly asked: readonly Asked[]
}
interface Answer {
  readonly status?: number
  readonly body?: object
  /** Instead of the body. */
  readonly text?: string
  /** Whether the connection breaks before the answer is whole. */
  readonly cut?: boolean
  readonly headers?: { readonly [name: string]: string }
}

export async function answering(answer: Answer = {}): Promise<Answering> {
  const { status = 200, body = { items: [] }, headers = {}, text = JSON.stringify(body), cut = false } = answer
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    const { method, url: path, headers: given } = request
    const read = method === 'GET' ? Promise.resolve(undefined) : json(request)
    void read.then((said) => {
      asked.push({ method, path, headers: given, body: said })
      response.writeHead(status, { 'content-type': 'application/json', ...headers })
      if (cut) response.write(text, () => response.destroy())
      else response.end(text)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
