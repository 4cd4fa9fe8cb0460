// The options of a store on PostgreSQL, checked once, with their defaults.
import { checkOptions } from '@gesta/core/ports'

export interface PostgresOptions {
  /** `postgres://role:password@host:port/database`, of the primary; a pooler in transaction mode may be in between. TLS by `?sslmode=verify-full`. */
  readonly url: string
  /** The schema that holds everything, made when it is missing; one per app. Lower-case letters, digits and underscores. Default `gesta`. */
  readonly schema?: string | undefined
  /** Refuses a schema that is no store yet, instead of making one there: for tools, whose operators mistype. Default `false`. */
  readonly mustExist?: boolean | undefined
  /** The same database without a pooler in between, for migrations and for being told of other processes' commits. Default: `url`. */
  readonly directUrl?: string | undefined
  /**
   * `full` (default): a command is acknowledged when it is on the server's disk (and on its synchronous replicas, if it has any).
   * `normal`: without waiting for the disk; a server that crashes can lose the last commands. A process that is killed loses none.
   */
  readonly durability?: 'full' | 'normal' | undefined
  /** Connections for reads and views, 1 to 1,000; default 8. Appends and notices have one each beside them. */
  readonly connectionsMax?: number | undefined
  /** Milliseconds for opening a connection or waiting for a free one, at least 1; default 5,000. */
  readonly connectTimeoutMs?: number | undefined
  /** Milliseconds for an answer, at least 1; default 30,000. More than twice `lockTimeoutMs`. */
  readonly answerTimeoutMs?: number | undefined
  /** Milliseconds that appends wait while a transaction keeps the log locked, at least 1; default 5,000. Then they fail with `store_locked`. */
  readonly lockTimeoutMs?: number | undefined
  /** Milliseconds in which what failed is tried again while the server is away, at least 0; default 5,000. */
  readonly retryForMs?: number | undefined
  /** Bytes that all entries of the cache store may have together, at least 65,536; default 67,108,864. */
  readonly cacheBytesMax?: number | undefined
  /** Lets `rewrite` and `reset` of the event store change what is stored; default: they are refused. */
  readonly allowRewriting?: boolean | undefined
}

export type CheckedOptions = { readonly [Name in keyof PostgresOptions]-?: NonNullable<PostgresOptions[Name]> }

const names = [
  'url',
  'schema',
  'mustExist',
  'directUrl',
  'durability',
  'connectionsMax',
  'connectTimeoutMs',
  'answerTimeoutMs',
  'lockTimeoutMs',
  'retryForMs',
  'cacheBytesMax',
  'allowRewriting',
] as const
const millisecondsMax = 2 ** 31 - 1

/** Throws a plain error for options that make no sense. */
export function checkPostgresOptions(options: PostgresOptions, where: string): CheckedOptions {
  checkOptions(options, names, where)
  const { url, schema = 'gesta', mustExist = false, directUrl = url } = options
  const { durability = 'full', allowRewriting = false } = options
  checkUrl(url, 'url')
  checkUrl(directUrl, 'directUrl')
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema) || schema.startsWith('pg_'))
    throw new Error(
      `Expected schema to be lower-case letters, digits and underscores, at most 63, not beginning with "pg_", received "${schema}".`,
    )
  if (durability !== 'full' && durability !== 'normal')
    throw new Error(`Expected durability "full" or "normal", received "${String(durability)}".`)
  const lockTimeoutMs = whole('lockTimeoutMs', options.lockTimeoutMs, 5_000, 1)
  const answerTimeoutMs = whole('answerTimeoutMs', options.answerTimeoutMs, 30_000, 1)
  // Two groups are on their way at a time, and the second one waits for the first.
  if (answerTimeoutMs <= 2 * lockTimeoutMs)
    throw new Error(
      `Expected answerTimeoutMs to be more than twice lockTimeoutMs, received ${answerTimeoutMs} and ${lockTimeoutMs}: an append that waits behind another one would be given up.`,
    )
  return {
    url,
    schema,
    mustExist,
    directUrl,
    durability,
    connectionsMax: whole('connectionsMax', options.connectionsMax, 8, 1, 1_000),
    connectTimeoutMs: whole('connectTimeoutMs', options.connectTimeoutMs, 5_000, 1),
    answerTimeoutMs,
    lockTimeoutMs,
    retryForMs: whole('retryForMs', options.retryForMs, 5_000, 0),
    cacheBytesMax: whole('cacheBytesMax', options.cacheBytesMax, 67_108_864, 65_536, Number.MAX_SAFE_INTEGER),
    allowRewriting,
  }
}

function whole(name: string, given: number | undefined, byDefault: number, min: number, max = millisecondsMax): number {
  const number = given ?? byDefault
  if (Number.isInteger(number) && number >= min && number <= max) return number
  throw new Error(`Expected ${name} to be a whole number from ${min} to ${max}, received ${number}.`)
}

/** A URL is never shown: it may hold a password. */
function checkUrl(url: unknown, name: string): void {
  if (typeof url === 'string' && /^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url)) return
  throw new Error(`Expected ${name} to be a URL that begins with postgres://, received something else.`)
}

/** What errors call the store: host, port, database and schema. */
export function placeOf({ url, schema }: Pick<CheckedOptions, 'url' | 'schema'>): string {
  const { hostname, port, pathname } = new URL(url)
  return `schema ${schema} of ${hostname}:${port === '' ? 5432 : port}${pathname}`
}

/** A schema's name as SQL says it. */
export function quoted(schema: string): string {
  return `"${schema}"`
}
