// A carrier for tests: an HTTP service that refuses parcels until it is told to take them.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface TestCarrier extends AsyncDisposable {
  readonly url: string
  /** The orders that it was told of, refused ones too. */
  readonly told: readonly string[]
  takesParcels: boolean
}

export async function openCarrier(): Promise<TestCarrier> {
  const told: string[] = []
  const server = createServer((request, response) => {
    told.push(String(request.headers['idempotency-key']))
    response.writeHead(carrier.takesParcels ? 200 : 503, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ parcel: `parcel-${told.at(-1)}` }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const carrier: TestCarrier = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    told,
    takesParcels: false,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return carrier
}
