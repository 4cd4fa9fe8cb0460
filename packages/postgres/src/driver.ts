// The driver, pg, behind one module: how connections are opened, and how values and rows travel. Statements have no names, so that
// nothing is left in a session and a pooler in transaction mode may give each statement another one.
import { Client } from 'pg'
import type { ClientBase, ClientConfig, Pool, QueryArrayConfig } from 'pg'

/** A value in a row: texts, numbers below 2^53, truth values, null, and lists of numbers. */
export type Cell = string | number | boolean | null | readonly (number | null)[]
export type Row = readonly Cell[]
/** A value for a statement. A buffer travels in the binary format of the parameter's type. */
export type Value = string | number | boolean | null | Buffer

/** Which server, and how long it may take. */
export interface Server {
  readonly url: string
  /** Shown by the server beside the connection, unless the URL says another name. */
  readonly applicationName: string
  /** Milliseconds for opening a connection. */
  readonly connectTimeoutMs: number
  /** Milliseconds for an answer; a connection that does not answer in time is given up. */
  readonly answerTimeoutMs: number
}

/** A session of the server, as `pg_stat_activity` knows it. */
export interface Session {
  readonly pid: number
  readonly startedAt: string
}
/** One connection. Its first fault that is not a statement's own ends it. */
export interface Connection {
  /** `undefined` behind a pooler, which may give each statement another session. */
  readonly session: Session | undefined
  readonly isLost: boolean
  /** Sends at once, whatever was not answered yet. Rejects with the server's error, or with another one when the connection was lost. */
  query(sql: string, values?: readonly Value[]): Promise<readonly Row[]>
  onNotice(listener: (payload: string) => void): void
  /** At once, if it is lost already. */
  onLost(listener: () => void): void
  /** Waits for the answers to what was sent. */
  close(): Promise<void>
  /** Ends it at once. */
  drop(): void
}

export async function connect(server: Server): Promise<Connection> {
  const client = new Client({ ...clientConfig(server), pipeline: true })
  const listeners: (() => void)[] = []
  let isLost = false
  const lost = (): void => {
    if (isLost) return
    isLost = true
    for (const listener of listeners) listener()
  }
  client.on('error', lost)
  client.on('end', lost)
  await client.connect()
  const session = await prepareSession(client, server)
  return {
    session,
    get isLost() {
      return isLost
    },
    query: (sql, values) => queryRows(client, sql, values),
    onNotice: (listener) => void client.on('notification', ({ payload }) => listener(payload ?? '')),
    onLost: (listener) => {
      if (isLost) listener()
      else listeners.push(listener)
    },
    close: () => client.end(),
    drop: () => void client.connection.stream.destroy(),
  }
}

export function clientConfig({ url, applicationName, connectTimeoutMs, answerTimeoutMs }: Server): ClientConfig {
  return {
    connectionString: url,
    fallback_application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: answerTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser: parserOf as typeof Client.prototype.getTypeParser },
  }
}

/** The rows of a statement, as arrays. */
export async function queryRows(
  client: ClientBase | Pool,
  text: string,
  values: readonly Value[] = [],
): Promise<readonly Row[]> {
  const config: QueryArrayConfig<Value[]> = { text, values: [...values], rowMode: 'array' }
  return (await client.query<Cell[], Value[]>(config)).rows
}

/**
 * The same for a text of somebody else, such as a statement of a read model: the server refuses one that holds several statements. Without
 * values the driver would use a protocol that runs them all, a COMMIT among them.
 */
export function oneStatement(text: string, values: readonly Value[]): QueryArrayConfig<Value[]> {
  // The declarations of pg leave the protocol out.
  const config: QueryArrayConfig<Value[]> & { readonly queryMode: 'extended' } = {
    text,
    values: [...values],
    rowMode: 'array',
    queryMode: 'extended',
  }
  return config
}

const readSession = 'SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()'
/** Statements look for a few rows by their keys: compiling one, as the server does where it expects many, takes longer than running it. */
const compileNothing = `SELECT set_config('jit', 'off', false)`
const boundStatements = `SELECT set_config('statement_timeout', $1, false)`
const noticeLostClients = `SELECT set_config('client_connection_check_interval', '1s', false)`

/**
 * The session of a new connection; `undefined` behind a pooler, which names itself when a client connects and not the session that a
 * statement runs in. One's own session is told to end what its client has given up, so that nothing piles up behind a slow server:
 * that is a convenience, and a pooler has settings of its own for it.
 */
export async function prepareSession(client: ClientBase, server: Server): Promise<Session | undefined> {
  const [row] = await queryRows(client, readSession)
  const [pid, startedAt] = row ?? []
  // The declarations of pg leave the pid out.
  const { processID } = client as ClientBase & { readonly processID: number }
  if (pid !== processID) return undefined
  await queryRows(client, compileNothing)
  if (server.answerTimeoutMs > 0) await queryRows(client, boundStatements, [String(server.answerTimeoutMs)])
  // Not every system that PostgreSQL runs on can tell.
  await queryRows(client, noticeLostClients).catch(() => undefined)
  return { pid: processID, startedAt: String(startedAt) }
}

const parsers: { readonly [oid: number]: (text: string) => Cell } = {
  16: (text) => text === 't',
  20: Number,
  21: Number,
  23: Number,
  26: Number,
  701: Number,
  1007: numbers,
  1016: numbers,
}
const asText = (text: string): Cell => text

function parserOf(oid: number): (text: string) => Cell {
  return parsers[oid] ?? asText
}

/** `{1,NULL,3}` */
function numbers(text: string): Cell {
  return text === '{}'
    ? []
    : text
        .slice(1, -1)
        .split(',')
        .map((item) => (item === 'NULL' ? null : Number(item)))
}
