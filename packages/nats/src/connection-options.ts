// How to reach NATS: what every bus takes, checked once.
import { checkWhole, wireFormats } from '@gesta/core/ports'
import type { WireFormat } from '@gesta/core/ports'
import { readServers } from './server-address.ts'
import { checkOneOf } from './stream-options.ts'

/** Of Node's TLS; the texts are PEM. */
export interface NatsTls {
  /** Authorities to trust, in place of those of Node. */
  readonly ca?: string | undefined
  /** Certificate and key of this client. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

export interface NatsConnectionOptions {
  /**
   * The servers of one cluster: `nats://host:port`, `tls://host:port` or `host:port`, as a list or separated by commas. User and password,
   * or a token, may stand in front of the host; they are shown in no error.
   */
  readonly servers: string | readonly string[]
  readonly user?: string | undefined
  readonly password?: string | undefined
  readonly token?: string | undefined
  /** The text of a `.creds` file. */
  readonly credentials?: string | undefined
  /** TLS with these settings. Default: TLS when the server asks for it or an address begins with `tls://`. */
  readonly tls?: NatsTls | undefined
  /** What the server's monitoring shows as the connection's name. Default `gesta`. */
  readonly name?: string | undefined
  /** Letters, digits, `-` and `_`: a token before all subjects and streams, for apps that share an account. Default: none. */
  readonly prefix?: string | undefined
  /** How published events are written; all formats are read. Default `envelope`. */
  readonly format?: WireFormat | undefined
  /** Milliseconds until a connection, a publication or a question is given up, 10 to 600,000. Default 5,000. */
  readonly timeoutMs?: number | undefined
}
export const connectionOptionNames = [
  'servers',
  'user',
  'password',
  'token',
  'credentials',
  'tls',
  'name',
  'prefix',
  'format',
  'timeoutMs',
] as const

export interface ConnectionSettings extends Pick<
  NatsConnectionOptions,
  'user' | 'password' | 'token' | 'credentials' | 'tls' | 'prefix'
> {
  readonly addresses: readonly string[]
  readonly name: string
  readonly format: WireFormat
  readonly timeoutMs: number
}

/** Throws plain errors, which show no secret. */
export function connectionSettings(options: NatsConnectionOptions): ConnectionSettings {
  const { servers, name = 'gesta', prefix, format = 'envelope', timeoutMs = 5000, tls, ...secrets } = options
  const { addresses, tls: overTls, ...written } = readServers(servers)
  if (prefix !== undefined && !/^[A-Za-z0-9-][A-Za-z0-9_-]{0,63}$/.test(prefix))
    throw new Error(
      `Expected the option prefix to be 1 to 64 letters, digits, "-" and "_", received ${JSON.stringify(prefix)}.`,
    )
  checkOneOf(format, 'format', wireFormats)
  checkWhole(timeoutMs, 'option timeoutMs', 10, 600_000)
  const { user, password, token, credentials } = { ...written, ...given(secrets) }
  return {
    addresses,
    name,
    format,
    timeoutMs,
    prefix,
    user,
    password,
    token,
    credentials,
    tls: tls ?? (overTls ? {} : undefined),
  }
}

/** Options without those that were given as `undefined`. */
function given<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options
}
