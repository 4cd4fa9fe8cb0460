// The options of `serve`, validated once.
import { checkOptions } from '@gesta/core/host'
import { adminAddress } from './admin/admin-options.ts'
import type { AddressSettings, AdminAddress } from './admin/admin-options.ts'
import type { Authenticate } from './authenticate.ts'
import { eventsSettings } from './events/events-options.ts'
import type { EventsOptions, EventsSettings } from './events/events-options.ts'
import { standardErrorLogger } from './logger.ts'
import type { Logger } from './logger.ts'
import { inProduction } from './production.ts'
import type { CustomRoute, Routes } from './routes.ts'
import { runtimeSettings } from './runtime/runtime-options.ts'
import type { RuntimeOptions, RuntimeSettings } from './runtime/runtime-options.ts'
import { wholeOption } from './whole-option.ts'

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
  /**
   * The admin address, for operators; `true` is `http://127.0.0.1:3100`. It asks who they are as `authenticate` says, and where there is none
   * it believes whoever is on this machine. Default: not served. Reference: docs/reference/admin.md.
   */
  readonly admin?: true | AdminAddress | undefined
  /** How streams of the runtime are kept. Reference: docs/reference/runtime.md. */
  readonly runtime?: RuntimeOptions | undefined
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
   * Whether a proxy in front may say who the client is (X-Forwarded-For), and that it came by HTTPS (X-Forwarded-Proto): its addresses, or
   * `true` for whoever connects. Default: no.
   */
  readonly trustProxy?: boolean | string | readonly string[] | undefined
  /** Whether what must not be overheard refuses plain HTTP. Default: whether NODE_ENV is `production`. */
  readonly production?: boolean | undefined
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
  readonly admin: AddressSettings | undefined
  readonly runtime: RuntimeSettings
  readonly bodyBytesMax: number
  readonly requestsInFlightMax: number
  readonly requestTimeoutMs: number
  readonly deadlineMs: number
  readonly shutdownTimeoutMs: number
  readonly trustProxy: boolean | string | readonly string[]
  readonly production: boolean
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
  'runtime',
  'bodyBytesMax',
  'requestsInFlightMax',
  'requestTimeoutMs',
  'deadlineMs',
  'shutdownTimeoutMs',
  'trustProxy',
  'production',
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
    admin: options.admin === undefined ? undefined : adminAddress(options.admin, options.authenticate),
    runtime: runtimeSettings(options.runtime, 'serve'),
    bodyBytesMax: whole('bodyBytesMax', options.bodyBytesMax ?? 1_048_576, 1, 67_108_864),
    requestsInFlightMax: whole('requestsInFlightMax', options.requestsInFlightMax ?? 1000, 1, 1_000_000),
    requestTimeoutMs: whole('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 100, 86_400_000),
    deadlineMs: whole('deadlineMs', options.deadlineMs ?? 30_000, 1, 86_400_000),
    shutdownTimeoutMs: whole('shutdownTimeoutMs', options.shutdownTimeoutMs ?? 30_000, 0, 86_400_000),
    trustProxy: options.trustProxy ?? false,
    production: inProduction(options.production),
    docs: options.docs ?? true,
    logger: options.logger ?? standardErrorLogger,
  }
}
