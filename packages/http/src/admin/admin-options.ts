// The options of the admin address, validated once.
import { checkOptions } from '@gesta/core/host'
import { standardErrorLogger } from '../logger.ts'
import type { Logger } from '../logger.ts'
import { wholeOption } from '../whole-option.ts'

export interface AdminOptions {
  /** 0 takes a free one. Default 3100. */
  readonly port?: number | undefined
  /** This machine alone, because whoever asks is believed. Default `127.0.0.1`. */
  readonly host?: '127.0.0.1' | '::1' | undefined
  /** Milliseconds in which a whole request must arrive, from 100. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined
  /** Milliseconds that requests in flight get when it is disposed of, from 0; then their connections are cut. Default 30,000. */
  readonly shutdownTimeoutMs?: number | undefined
  /** Default: one JSON line per failure, to standard error. */
  readonly logger?: Logger | undefined
}
export interface AdminSettings {
  readonly port: number
  readonly host: string
  readonly requestTimeoutMs: number
  readonly shutdownTimeoutMs: number
  readonly logger: Logger
}

const addressNames = ['port', 'host'] as const
const names = [...addressNames, 'requestTimeoutMs', 'shutdownTimeoutMs', 'logger'] as const
const loopback: readonly string[] = ['127.0.0.1', '::1']

/** Of `serve`, which has the rest itself. Errors: plain ones. */
export function adminAddress(options: true | AdminOptions): Pick<AdminSettings, 'port' | 'host'> {
  if (options === true) return addressOf({}, 'serve({ admin })')
  if (typeof options !== 'object' || options === null)
    throw new Error(`serve: expected admin to be true or { port, host }, received ${String(options)}.`)
  checkOptions(options, addressNames, 'serve({ admin })')
  return addressOf(options, 'serve({ admin })')
}

/** Of `serveAdmin`. Errors: plain ones. */
export function adminSettings(options: AdminOptions): AdminSettings {
  checkOptions(options, names, 'serveAdmin')
  const whole = wholeOption('serveAdmin')
  return {
    ...addressOf(options, 'serveAdmin'),
    requestTimeoutMs: whole('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, 100, 86_400_000),
    shutdownTimeoutMs: whole('shutdownTimeoutMs', options.shutdownTimeoutMs ?? 30_000, 0, 86_400_000),
    logger: options.logger ?? standardErrorLogger,
  }
}

function addressOf(options: AdminOptions, where: string): Pick<AdminSettings, 'port' | 'host'> {
  const { port = 3100, host = '127.0.0.1' } = options
  if (!loopback.includes(host))
    throw new Error(
      `${where}: expected host to be 127.0.0.1 or ::1, received ${JSON.stringify(host)}: the admin address believes whoever asks. From elsewhere it is reached through a tunnel to this machine.`,
    )
  return { port: wholeOption(where)('port', port, 0, 65_535), host }
}
