// The options of the admin address, validated once.
import { checkOptions } from '@gesta/core/host'
import { standardErrorLogger } from '../logger.ts'
import type { Logger } from '../logger.ts'
import type { Authenticate } from '../authenticate.ts'
import { inProduction, trustedProxies } from '../production.ts'
import type { TrustProxy } from '../production.ts'
import { probeSettings } from '../probes/probe-options.ts'
import type { ProbeOptions, ProbeSettings } from '../probes/probe-options.ts'
import { runtimeSettings } from '../runtime/runtime-options.ts'
import type { RuntimeOptions, RuntimeSettings } from '../runtime/runtime-options.ts'
import { strictTransport } from '../strict-transport.ts'
import type { StrictTransport } from '../strict-transport.ts'
import type { WhoAsks } from '../authenticate.ts'
import { wholeOption } from '../whole-option.ts'

/** Reference: docs/reference/admin.md. */
export interface AdminOptions {
  /** 0 takes a free one. Default 3100. */
  readonly port?: number | undefined
  /** Without `authenticate` this machine alone, `127.0.0.1` or `::1`, because whoever asks is believed. Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** Whether `/metrics` answers in the text formats of Prometheus. Default `false`. Reference: docs/reference/metrics.md. */
  readonly metrics?: boolean | undefined
  /** Who asks. With it every route asks for a permission. Default: of `serve` its own; else nobody is asked. */
  readonly authenticate?: Authenticate | undefined
  /** Proxies that may say who the client is, and that it came by HTTPS. Default: none. */
  readonly trustProxy?: TrustProxy | undefined
  /** Whether plain HTTP from another machine is refused. Default: whether NODE_ENV is `production`. */
  readonly production?: boolean | undefined
  /** What browsers are told of HTTPS, as `serve` takes it. Default `subdomains`. */
  readonly hsts?: StrictTransport | undefined
  /** How streams of the runtime are kept. */
  readonly runtime?: RuntimeOptions | undefined
  /** What `/admin/health` looks at. Reference: docs/reference/health.md. */
  readonly probes?: ProbeOptions | undefined
  /** Milliseconds in which a whole request must arrive, from 100. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined
  /** Milliseconds that a question of the runtime, and `authenticate`, may take, from 1. Default 30,000. */
  readonly deadlineMs?: number | undefined
  /** Milliseconds that requests in flight get when it is disposed of, from 0; then their connections are cut. Default 30,000. */
  readonly shutdownTimeoutMs?: number | undefined
  /** Default: one JSON line per failure, to standard error. */
  readonly logger?: Logger | undefined
}
export interface AdminSettings {
  readonly port: number
  readonly host: string
  readonly metrics: boolean
  readonly authenticate: WhoAsks | undefined
  readonly trustProxy: TrustProxy
  readonly production: boolean
  readonly hsts: StrictTransport
  readonly runtime: RuntimeSettings
  readonly probes: ProbeSettings
  readonly requestTimeoutMs: number
  readonly deadlineMs: number
  readonly shutdownTimeoutMs: number
  readonly logger: Logger
}
/** What `serve({ admin })` takes; the rest is as `serve` has it. */
export type AdminAddress = Pick<AdminOptions, 'port' | 'host' | 'authenticate' | 'metrics'>
export type AddressSettings = Pick<AdminSettings, 'port' | 'host' | 'authenticate' | 'metrics'>
type AddressOptions = Omit<AdminAddress, 'authenticate'> & { readonly authenticate?: WhoAsks | undefined }

const addressNames = ['port', 'host', 'authenticate', 'metrics'] as const
const names = [
  ...addressNames,
  'trustProxy',
  'production',
  'hsts',
  'runtime',
  'probes',
  'requestTimeoutMs',
  'deadlineMs',
  'shutdownTimeoutMs',
  'logger',
] as const
const loopback: readonly string[] = ['127.0.0.1', '::1']

/** Of `serve`, which has the rest itself, and its own `authenticate` unless the admin address has another. Errors: plain ones. */
export function adminAddress(options: true | AdminAddress, authenticate: WhoAsks | undefined): AddressSettings {
  if (options === true) return addressOf({ authenticate }, 'serve({ admin })')
  if (typeof options !== 'object' || options === null)
    throw new Error(
      `serve: expected admin to be true or { port, host, authenticate, metrics }, received ${String(options)}.`,
    )
  checkOptions(options, addressNames, 'serve({ admin })')
  return addressOf({ ...options, authenticate: options.authenticate ?? authenticate }, 'serve({ admin })')
}

/** Of `serveAdmin`. Errors: plain ones. */
export function adminSettings(options: AdminOptions): AdminSettings {
  checkOptions(options, names, 'serveAdmin')
  const whole = wholeOption('serveAdmin')
  const production = inProduction(options.production)
  return {
    ...addressOf(options, 'serveAdmin'),
    trustProxy: trustedProxies('serveAdmin', options.trustProxy, production),
    production,
    hsts: strictTransport('serveAdmin', options.hsts),
    runtime: runtimeSettings(options.runtime, 'serveAdmin'),
    probes: probeSettings(options.probes, 'serveAdmin'),
    requestTimeoutMs: whole('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 100, 86_400_000),
    deadlineMs: whole('deadlineMs', options.deadlineMs ?? 30_000, 1, 86_400_000),
    shutdownTimeoutMs: whole('shutdownTimeoutMs', options.shutdownTimeoutMs ?? 30_000, 0, 86_400_000),
    logger: options.logger ?? standardErrorLogger,
  }
}

function addressOf(options: AddressOptions, where: string): AddressSettings {
  const { port = 3100, host = '127.0.0.1', authenticate, metrics = false } = options
  if (authenticate !== undefined && typeof authenticate !== 'function')
    throw new Error(`${where}: expected authenticate to be a function of the request.`)
  if (typeof metrics !== 'boolean')
    throw new Error(`${where}: expected metrics to be true or false, received ${String(metrics)}.`)
  if (typeof host !== 'string' || (authenticate === undefined && !loopback.includes(host)))
    throw new Error(
      `${where}: expected host to be 127.0.0.1 or ::1, received ${JSON.stringify(host)}: the admin address believes whoever asks. Give it authenticate to listen elsewhere, or reach it through a tunnel to this machine.`,
    )
  return { port: wholeOption(where)('port', port, 0, 65_535), host, authenticate, metrics }
}
