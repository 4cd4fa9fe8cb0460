// The options of `serve`, validated once.
import { checkOptions } from '@gesta/core/host'
import { adminAddress } from './admin/admin-options.ts'
import type { AddressSettings, AdminAddress } from './admin/admin-options.ts'
import type { Authenticate } from './authenticate.ts'
import { eventsSettings, isOrigin } from './events/events-options.ts'
import { rateLimitSettings } from './limits/rate-limit.ts'
import type { RateLimitOptions, RateLimitSettings } from './limits/rate-limit.ts'
import type { EventsOptions, EventsSettings } from './events/events-options.ts'
import { standardErrorLogger } from './logger.ts'
import type { Logger } from './logger.ts'
import { inProduction, trustedProxies } from './production.ts'
import type { TrustProxy } from './production.ts'
import { pagesSettings } from './pages/pages-options.ts'
import type { PagesOptions, PagesSettings } from './pages/pages-options.ts'
import { probeSettings } from './probes/probe-options.ts'
import type { ProbeOptions, ProbeSettings } from './probes/probe-options.ts'
import type { CustomRoute, Routes } from './routes.ts'
import { runtimeSettings } from './runtime/runtime-options.ts'
import type { RuntimeOptions, RuntimeSettings } from './runtime/runtime-options.ts'
import { strictTransport } from './strict-transport.ts'
import type { StrictTransport } from './strict-transport.ts'
import { bySession, byBearer } from './sessions/who-asks.ts'
import type { WhoAsks } from './authenticate.ts'
import { checkSessions } from './sessions/sessions.ts'
import type { Sessions } from './sessions/sessions.ts'
import { checkTls } from './tls.ts'
import type { TlsOptions } from './tls.ts'
import { wholeOption } from './whole-option.ts'

export interface ServeOptions {
  /** 0 takes a free one. Default 3000. */
  readonly port?: number | undefined
  /** The address to listen on. Default `127.0.0.1`: this machine only. */
  readonly host?: string | undefined
  /** Routes of one's own, from `routes(...)` and `identity.routes`, beside the default ones; several in a list. */
  readonly routes?: Routes | readonly Routes[] | undefined
  /** Default: every caller is anonymous. */
  readonly authenticate?: Authenticate | undefined
  /** Who asks by tokens and cookies, as `await identity.open(running)` says; instead of `authenticate`. */
  readonly sessions?: Sessions | undefined
  /** Pages for people: sign-in, set-up, invitations, what mails link to. They need `sessions`. Default: not served. */
  readonly pages?: true | PagesOptions | undefined
  /**
   * Where people reach the server, such as `https://shop.example`: cookies count for pages of this origin alone. Default: the one that a
   * request was sent to.
   */
  readonly origin?: string | undefined
  /** How often one address may ask in a minute. Default: 60,000 requests, 120 attempts to sign in; `false`: nobody counts. */
  readonly rateLimit?: false | RateLimitOptions | undefined
  /** HTTPS by the server itself. Default: plain HTTP, for a proxy in front. */
  readonly tls?: TlsOptions | undefined
  /**
   * What browsers are told where a request came by HTTPS (Strict-Transport-Security): for a year to ask this host and those below it over
   * nothing else, this host alone, or nothing. Default `subdomains`.
   */
  readonly hsts?: StrictTransport | undefined
  /** Presentation events for browsers, at `/api/events`. Default: not served. */
  readonly events?: EventsOptions | undefined
  /**
   * The admin address, for operators; `true` is `http://127.0.0.1:3100`. It asks who they are as `authenticate` says, and where there is none
   * it believes whoever is on this machine. Default: not served. Reference: docs/reference/admin.md.
   */
  readonly admin?: true | AdminAddress | undefined
  /** How streams of the runtime are kept. Reference: docs/reference/runtime.md. */
  readonly runtime?: RuntimeOptions | undefined
  /** What `/ready` and `/started` look at. Reference: docs/reference/health.md. */
  readonly probes?: ProbeOptions | undefined
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
  /**
   * Whether a proxy in front may say who the client is (X-Forwarded-For), and that it came by HTTPS (X-Forwarded-Proto): its addresses, how
   * many proxies stand in a row (1 to 16), or `true` for whoever connects, which production refuses. Default: no.
   */
  readonly trustProxy?: TrustProxy | undefined
  /** Whether what must not be overheard refuses plain HTTP. Default: whether NODE_ENV is `production`. */
  readonly production?: boolean | undefined
  /** Whether /docs and /docs/api are served. Default `true`. */
  readonly docs?: boolean | undefined
  /** Default: one JSON line per failure, to standard error. */
  readonly logger?: Logger | undefined
  /** Whether every request is told to the logger too, by its route and never by its path. Default `false`. */
  readonly logRequests?: boolean | undefined
}

export interface Settings {
  readonly port: number
  readonly host: string
  readonly routes: readonly CustomRoute[]
  readonly whoAsks: WhoAsks | undefined
  readonly sessions: Sessions | undefined
  readonly pages: PagesSettings | undefined
  readonly origin: string | undefined
  readonly rateLimit: RateLimitSettings | undefined
  readonly tls: TlsOptions | undefined
  readonly hsts: StrictTransport
  readonly events: EventsSettings | undefined
  readonly admin: AddressSettings | undefined
  readonly runtime: RuntimeSettings
  readonly probes: ProbeSettings
  readonly bodyBytesMax: number
  readonly requestsInFlightMax: number
  readonly requestTimeoutMs: number
  readonly deadlineMs: number
  readonly shutdownTimeoutMs: number
  readonly trustProxy: TrustProxy
  readonly production: boolean
  readonly docs: boolean
  readonly logger: Logger
  readonly logRequests: boolean
}

const names = [
  'port',
  'host',
  'routes',
  'authenticate',
  'sessions',
  'pages',
  'origin',
  'rateLimit',
  'tls',
  'hsts',
  'events',
  'admin',
  'runtime',
  'probes',
  'bodyBytesMax',
  'requestsInFlightMax',
  'requestTimeoutMs',
  'deadlineMs',
  'shutdownTimeoutMs',
  'trustProxy',
  'production',
  'docs',
  'logger',
  'logRequests',
] as const

const whole = wholeOption('serve')

/** Errors: plain ones for an unknown option or a number out of bounds. */
export function settingsOf(options: ServeOptions): Settings {
  checkOptions(options, names, 'serve')
  if (options.authenticate !== undefined && typeof options.authenticate !== 'function')
    throw new Error('serve: expected authenticate to be a function of the request.')
  if (options.authenticate !== undefined && options.sessions !== undefined)
    throw new Error('serve: both authenticate and sessions say who asks. Give it one of them.')
  const sessions = options.sessions && checkSessions(options.sessions)
  const origin = originOf(options.origin)
  const production = inProduction(options.production)
  return {
    port: whole('port', options.port ?? 3000, 0, 65_535),
    host: options.host ?? '127.0.0.1',
    routes: [options.routes ?? []].flat().flatMap(({ routes }) => routes),
    whoAsks: sessions === undefined ? options.authenticate : bySession(sessions, origin),
    sessions,
    pages: options.pages === undefined ? undefined : pagesSettings(options.pages),
    origin,
    rateLimit: rateLimitSettings(options.rateLimit, whole),
    tls: options.tls && checkTls(options.tls),
    hsts: strictTransport('serve', options.hsts),
    events: options.events === undefined ? undefined : eventsSettings(options.events, whole),
    admin:
      options.admin === undefined
        ? undefined
        : adminAddress(options.admin, sessions === undefined ? options.authenticate : byBearer(sessions)),
    runtime: runtimeSettings(options.runtime, 'serve'),
    probes: probeSettings(options.probes, 'serve'),
    bodyBytesMax: whole('bodyBytesMax', options.bodyBytesMax ?? 1_048_576, 1, 67_108_864),
    requestsInFlightMax: whole('requestsInFlightMax', options.requestsInFlightMax ?? 1000, 1, 1_000_000),
    requestTimeoutMs: whole('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 100, 86_400_000),
    deadlineMs: whole('deadlineMs', options.deadlineMs ?? 30_000, 1, 86_400_000),
    shutdownTimeoutMs: whole('shutdownTimeoutMs', options.shutdownTimeoutMs ?? 30_000, 0, 86_400_000),
    trustProxy: trustedProxies('serve', options.trustProxy, production),
    production,
    docs: options.docs ?? true,
    logger: options.logger ?? standardErrorLogger,
    logRequests: options.logRequests ?? false,
  }
}

function originOf(origin: string | undefined): string | undefined {
  if (origin === undefined || isOrigin(origin)) return origin
  throw new Error(
    `serve: expected origin to be where people reach the server, such as https://shop.example, received ${JSON.stringify(origin)}.`,
  )
}
