// A server from its first connection to its last.
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Answering } from './serving.ts'
import { silentConnections, silentSecureConnections } from './silent-connections.ts'
import { isSecure } from './tls.ts'

/** A server that listens. Disposing of it finishes the requests in flight. */
export interface Listening extends AsyncDisposable {
  /** Where it listens, without a slash at the end. */
  readonly url: string
}
export interface ListeningOptions {
  readonly port: number
  readonly host: string
  /** Milliseconds that requests in flight get at the end. */
  readonly shutdownTimeoutMs: number
}

/** Errors: the system's (`EADDRINUSE`) when it cannot listen. */
export async function listen(
  server: FastifyInstance,
  answering: Answering,
  { port, host, shutdownTimeoutMs }: ListeningOptions,
): Promise<Listening> {
  const endSilent = (isSecure(server.server) ? silentSecureConnections : silentConnections)(server.server, answering)
  await server.listen({ port, host })
  let stopped: Promise<void> | undefined

  /** Accepts nothing new, finishes what is in flight, and cuts what is left after the time-out. */
  const stop = async (): Promise<void> => {
    answering.stopping = true
    endSilent()
    const timer = setTimeout(() => server.server.closeAllConnections(), shutdownTimeoutMs)
    try {
      await server.close()
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    url: `${isSecure(server.server) ? 'https' : 'http'}://${hostOf(server.server.address() as AddressInfo)}`,
    [Symbol.asyncDispose]: () => (stopped ??= stop()),
  }
}

function hostOf({ address, family, port }: AddressInfo): string {
  return `${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
