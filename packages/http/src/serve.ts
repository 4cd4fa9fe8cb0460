// Serves a started app over HTTP.
import type { Running } from '@gesta/core'
import { hostOf } from '@gesta/core/host'
import { createRateLimit } from './limits/rate-limit.ts'
import { openAdmin } from './admin/serve-admin.ts'
import { tagsOf } from './etag.ts'
import { nothingInFlight } from './in-flight.ts'
import { listen } from './listening.ts'
import type { Listening } from './listening.ts'
import { requestLog } from './logger.ts'
import { createRequestMetrics } from './metrics/request-metrics.ts'
import { settingsOf } from './options.ts'
import type { ServeOptions } from './options.ts'
import { createProbes } from './probes/probes.ts'
import { openPages } from './pages/open-pages.ts'
import { routeTable } from './route-table.ts'
import { createServer } from './server.ts'
import type { Serving } from './serving.ts'
import { reload, secureContext } from './tls.ts'

/** A listening server. Disposing of it finishes the requests in flight; the app goes on. */
export interface Server extends Listening {
  /** Where the admin address listens; absent without the option `admin`. */
  readonly adminUrl: string | undefined
  /** From now on `/ready` says no, so that balancers send nobody here any more; requests that come all the same are answered. */
  leave(): void
  /** Requests for commands and queries that are being answered. */
  readonly requestsInFlight: number
  /**
   * Reads the files of the option `tls` again, for connections from now on; open ones go on. Errors: plain ones for what cannot be read
   * or is no key with its certificate, and then nothing changes; without the option.
   */
  reloadTls(): Promise<void>
}

/**
 * Serves every command and query that is for the roles `web`, `api` or `any`: `POST /api/commands/{name}`,
 * `GET /api/queries/{name}`, routes of one's own, `/docs`, `/docs/api` (OpenAPI 3.1), `/healthz`, `/started` and `/ready`.
 * Errors: plain ones for options and routes that cannot be served; the system's (`EADDRINUSE`) when it cannot listen.
 * Reference: docs/reference/http.md.
 */
export async function serve(app: Running<string, string>, options: ServeOptions = {}): Promise<Server> {
  const settings = settingsOf(options)
  const host = hostOf(app)
  const table = routeTable(host, settings.routes, settings.sessions)
  const tls = settings.tls === undefined ? undefined : await secureContext(settings.tls)
  const serving: Serving & { leaving: boolean } = {
    host,
    settings,
    tags: tagsOf(host.incarnation),
    inFlight: nothingInFlight(),
    limit: settings.rateLimit && createRateLimit(settings.rateLimit),
    stopping: false,
    leaving: false,
    probes: createProbes(host, settings.probes, () => serving),
  }
  const requests = settings.admin?.metrics === true ? createRequestMetrics(() => serving.inFlight.running) : undefined
  const watchers = [
    ...(requests === undefined ? [] : [requests.count]),
    ...(settings.logRequests ? [requestLog(settings.logger)] : []),
  ]
  const server = createServer(serving, table, { tls, pages: openPages(app, serving, table), watchers })
  const admin =
    settings.admin === undefined
      ? undefined
      : await openAdmin(app, host, { ...settings, ...settings.admin }, { probes: serving.probes, requests })
  const web = await listen(server, serving, settings).catch(async (error: unknown) => {
    await admin?.[Symbol.asyncDispose]()
    throw error
  })
  return {
    url: web.url,
    adminUrl: admin?.url,
    get requestsInFlight() {
      return serving.inFlight.arriving.size + serving.inFlight.running
    },
    leave: () => {
      serving.leaving = true
    },
    reloadTls: async () => {
      if (settings.tls === undefined) throw new Error('This server has no option tls, so there is nothing to reload.')
      reload(server.server, await secureContext(settings.tls))
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([web[Symbol.asyncDispose](), admin?.[Symbol.asyncDispose]()])
    },
  }
}
