// A TCP proxy for tests of faults: it stands between a client and a server, and does to their connections what it is told.
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { relay } from './relay.ts'
import type { Faults, Relay, Weather } from './relay.ts'

export interface TcpProxy extends AsyncDisposable {
  /** On 127.0.0.1. It stays the same while the proxy refuses and accepts. */
  readonly port: number
  /** The URL with the proxy's address in place of the server's. */
  through(url: string): string
  /** How many connections are open now. */
  readonly connections: number
  /** How many bytes of answers were lost, in all connections so far. */
  readonly lostBytes: number
  /** Does this to all connections, open and new ones, until it is told otherwise. Replaces what it did before. */
  impose(faults: Faults): void
  /** Passes everything on again. Connections that lost bytes are reset, because their ends no longer agree. */
  heal(): void
  /** Resets all open connections, on both sides. New ones are accepted. */
  cut(): void
  /** Refuses new connections. Open ones stay. */
  refuse(): void
  /** Accepts connections again, on the same port. */
  accept(): Promise<void>
}

/** `target` is the URL of the server, with its port: `postgres://127.0.0.1:5432`. */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port: targetPort } = new URL(target)
  if (targetPort === '') throw new Error(`A proxy needs a URL with a port, and was given ${hostname} without one.`)
  const relays = new Set<Relay>()
  let lostBefore = 0
  let weather: Weather = { faults: {}, changes: Promise.withResolvers() }

  const listen = async (port: number): Promise<Server> => {
    const server = createServer({ allowHalfOpen: true }, (client) => {
      const opened = relay(client, { host: hostname, port: Number(targetPort) }, () => weather)
      relays.add(opened)
      void opened.closed.then(() => {
        relays.delete(opened)
        lostBefore += opened.lostBytes
      })
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return server
  }
  const impose = (faults: Faults): void => {
    const { changes } = weather
    weather = { faults, changes: Promise.withResolvers() }
    for (const opened of relays) opened.count()
    changes.resolve()
  }
  const cut = (): void => {
    for (const opened of relays) opened.reset()
  }

  let server = await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    through: (url) => {
      const proxied = new URL(url)
      proxied.hostname = '127.0.0.1'
      proxied.port = String(port)
      return proxied.href
    },
    get connections() {
      return relays.size
    },
    get lostBytes() {
      return Array.from(relays).reduce((sum, opened) => sum + opened.lostBytes, lostBefore)
    },
    impose,
    heal: () => {
      for (const opened of relays) if (opened.lostBytes > 0) opened.reset()
      impose({})
    },
    cut,
    refuse: () => void server.close(),
    accept: async () => {
      if (!server.listening) server = await listen(port)
    },
    [Symbol.asyncDispose]: async () => {
      server.close()
      cut()
      impose({})
      await Promise.all(Array.from(relays, ({ closed }) => closed))
    },
  }
}
