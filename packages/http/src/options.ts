// The options of `serve`, validated once.
import type { IncomingHttpHeaders } from 'node:http'
import type { RequestContext } from '@gesta/core'
import { checkOptions } from '@gesta/core/host'
import { adminAddress } from './admin/admin-options.ts'
import type { AdminOptions } from './admin/admin-options.ts'
import { eventsSettings } from './events/events-options.ts'
import type { EventsOptions, EventsSettings } from './events/events-options.ts'
import { standardErrorLogger } from './logger.ts'
import type { Logger } from './logger.ts'
import type { CustomRoute, Routes } from './routes.ts'
import { wholeOption } from './whole-option.ts'

/** The request, as `authenticate` sees it: before its body is looked at. */
export interface HttpRequest {
  readonly method: string
  /** Path and query string, as they were sent. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The peer, or with `trustProxy` the client that the proxy names. */
  readonly ip: string
}
/**
 * Who asks. `undefined` is an anonymous caller; throwing answers 401 (a gesta error with a status of 500 or above, such as
 * `store_unavailable`, answers that status instead, so that an outage logs nobody out). Called once per request.
 */
export type Authenticate = (request: HttpRequest) => RequestContext | undefined | Promise<RequestContext | undefined>

export interface ServeOptions {
  /** 0 takes a free one. Default 3000. */
  readonly port?: number | undefined
  /** The address to listen on. Default `127.0.0.1`: this machine only. */
  readonly host?: string | undefined
  /** Routes of one's own, from `routes(...)`, beside the default ones. */
  readonly routes?: Routes | undefined
  /** Default: every caller is anonymous. */
  readonly authenticate?: Authenticate | undefined
  /** Presentation events for browsers, at `/api/events`. Default: not served. */
  readonly events?: EventsOptions | undefined
  /** The admin address, for operators on this machine; `true` is `http://127.0.0.1:3100`. Default: not served. Reference: docs/reference/admin.md. */
  readonly admin?: true | Pick<AdminOptions, 'port' | 'host'> | undefined
  /** Bytes that a body may have, 1 to 64 MiB. Default 1 MiB. */
  readonly bodyBytesMax?: number | undefined
  /**
   * Requests for commands and queries that are in flight at once, 1 to 1,000,000; one more gets 503 `overloaded`. Health,
   * readiness and documentation are answered all the same. Default 1,000.
   */
  readonly requestsInFlightMax?: number | undefined
  /** Milliseconds in which a whole request must arrive, from 100. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined
  /** Milliseconds that a command or query may take, from 1; a caller may ask for less with gesta-deadline-ms. Default 30,000. */
  readonly deadlineMs?: number | undefined
  /** Milliseconds that requests in flight get when the server is disposed of, from 0; then their connections are cut. Default 30,000. */
  readonly shutdownTimeoutMs?: number | undefined
  /** Whether a proxy in front may say who the client is (X-Forwarded-For): its addresses, or `true` for whoever connects. Default: no. */
  readonly trustProxy?: boolean | string | readonly string[] | undefined
  /** Whether /docs and /docs/api are served. Default `true`. */
  readonly docs?: boolean | undefined
  /** Default: one JSON line per failure, to standard error. */
  readonly logger?: Logger | undefined
}

export interface Settings {
  readonly port: number
  readonly host: string
  readonly routes: readonly CustomRoute[]
  readonly authenticate: Authenticate | undefined
  readonly events: EventsSettings | undefined
  readonly admin: { readonly port: number; readonly host: string } | undefined
  readonly bodyBytesMax: number
  readonly requestsInFlightMax: number
  readonly requestTimeoutMs: number
  readonly deadlineMs: number
  readonly shutdownTimeoutMs: number
  readonly trustProxy: boolean | string | readonly string[]
  readonly docs: boolean
  readonly logger: Logger
}

const names = [
  'port',
  'host',
  'routes',
  'authenticate',
  'events',
  'admin',
  'bodyBytesMax',
  'requestsInFlightMax',
  'requestTimeoutMs',
  'deadlineMs',
  'shutdownTimeoutMs',
  'trustProxy',
  'docs',
  'logger',
] as const

const whole = wholeOption('serve')

/** Errors: plain ones for an unknown option or a number out of bounds. */
export function settingsOf(options: ServeOptions): Settings {
  checkOptions(options, names, 'serve')
  if (options.authenticate !== undefined && typeof options.authenticate !== 'function')
    throw new Error('serve: expected authenticate to be a function of the request.')
  return {
    port: whole('port', options.port ?? 3000, 0, 65_535),
    host: options.host ?? '127.0.0.1',
    routes: options.routes?.routes ?? [],
    authenticate: options.authenticate,
    events: options.events === undefined ? undefined : eventsSettings(options.events, whole),
    admin: options.admin === undefined ? undefined : adminAddress(options.admin),
    bodyBytesMax: whole('bodyBytesMax', options.bodyBytesMax ?? 1_048_576, 1, 67_108_864),
    requestsInFlightMax: whole('requestsInFlightMax', options.requestsInFlightMax ?? 1000, 1, 1_000_000),
    requestTimeoutMs: whole('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 100, 86_400_000),
    deadlineMs: whole('deadlineMs', options.deadlineMs ?? 30_000, 1, 86_400_000),
    shutdownTimeoutMs: whole('shutdownTimeoutMs', options.shutdownTimeoutMs ?? 30_000, 0, 86_400_000),
    trustProxy: options.trustProxy ?? false,
    docs: options.docs ?? true,
    logger: options.logger ?? standardErrorLogger,
  }
}
