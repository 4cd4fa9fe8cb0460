// Serves a started app over HTTP.
import type { AddressInfo } from 'node:net'
import type { Running } from '@gesta/core'
import { hostOf } from '@gesta/core/host'
import { tagsOf } from './etag.ts'
import { nothingInFlight } from './in-flight.ts'
import { settingsOf } from './options.ts'
import type { ServeOptions, Settings } from './options.ts'
import { routeTable } from './route-table.ts'
import { createServer } from './server.ts'
import { silentConnections } from './silent-connections.ts'
import type { Serving } from './serving.ts'

/** A listening server. Disposing of it finishes the requests in flight; the app goes on. */
export interface Server extends AsyncDisposable {
  /** Where it listens, without a slash at the end. */
  readonly url: string
}

/**
 * Serves every command and query that is for the roles `web`, `api` or `any`: `POST /api/commands/{name}`,
 * `GET /api/queries/{name}`, routes of one's own, `/docs`, `/docs/api` (OpenAPI 3.1), `/healthz` and `/ready`.
 * Errors: plain ones for options and routes that cannot be served; the system's (`EADDRINUSE`) when it cannot listen.
 * Reference: docs/reference/http.md.
 */
export async function serve(app: Running<string, string>, options: ServeOptions = {}): Promise<Server> {
  const settings = settingsOf(options)
  const host = hostOf(app)
  const table = routeTable(host, settings.routes)
  const serving: Serving = {
    host,
    settings,
    tags: tagsOf(host.incarnation),
    inFlight: nothingInFlight(),
    stopping: false,
  }
  const server = createServer(serving, table)
  const endSilent = silentConnections(server.server, serving)
  await server.listen({ port: settings.port, host: settings.host })
  let stopped: Promise<void> | undefined
  return {
    url: urlOf(server.server.address() as AddressInfo),
    [Symbol.asyncDispose]: () => (stopped ??= stop(server, serving, settings, endSilent)),
  }
}

/** Accepts nothing new, finishes what is in flight, and cuts what is left after the time-out. */
async function stop(
  server: ReturnType<typeof createServer>,
  serving: Serving,
  { shutdownTimeoutMs }: Settings,
  endSilent: () => void,
): Promise<void> {
  serving.stopping = true
  endSilent()
  const timer = setTimeout(() => server.server.closeAllConnections(), shutdownTimeoutMs)
  try {
    await server.close()
  } finally {
    clearTimeout(timer)
  }
}

function urlOf({ address, family, port }: AddressInfo): string {
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}
