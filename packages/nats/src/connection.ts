// One connection to a cluster of NATS servers. It is made again for ever when it is lost; whoever needs it is told when it is there
// and when it is not.
import { connect, credsAuthenticator } from '@nats-io/transport-node'
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node'
import { backoffMs, GestaError } from '@gesta/core/ports'
import type { BackendRuntime } from '@gesta/core/ports'
import type { ConnectionSettings } from './connection-options.ts'
import { brokerClosed, noConnection, unavailable } from './nats-errors.ts'

/** Told when the connection was made or lost; `client` is another one only when the old one could not be kept. */
type ConnectionListener = (client: NatsConnection | undefined) => void

export interface Connection extends AsyncDisposable {
  /** `host:port` of all servers. */
  readonly address: string
  readonly timeoutMs: number
  /** While it is connected. What is sent in between is lost, so nothing is. */
  readonly client: NatsConnection | undefined
  readonly closed: boolean
  /** Bytes of the largest message that the server takes. Errors: as `use`. */
  bytesMax(): number
  /** What the server has last complained of, such as a right that the user does not have. */
  readonly complaint: unknown
  /** The client. Errors: `broker_unavailable` while there is none, `broker_closed`. */
  use(): NatsConnection
  /** Calls the listener at every change; the function that is returned ends that. */
  watch(listener: ConnectionListener): () => void
}

/** Milliseconds between attempts to connect. */
const pause = { firstMs: 50, maxMs: 5000 }
const pingEveryMsMax = 5000
const oldestVersion = [2, 9] as const

/** Errors: `broker_unavailable` when no server answers in time, it refuses the credentials, or is too old. */
export async function openConnection(
  settings: ConnectionSettings & { readonly noEcho?: boolean },
  { clock, ids }: Pick<BackendRuntime, 'clock' | 'ids'>,
): Promise<Connection> {
  const { timeoutMs } = settings
  const address = settings.addresses.join(', ')
  const listeners = new Set<ConnectionListener>()
  let made: NatsConnection | undefined
  let client: NatsConnection | undefined
  let closed = false
  let attempts = 0
  let complaint: unknown
  let redial: { cancel(): void } | undefined

  const tell = (now: NatsConnection | undefined): void => {
    if (client === now) return
    client = now
    for (const listener of listeners) listener(now)
  }
  const waitMs = (): number => pause.firstMs + backoffMs(pause, Math.min((attempts += 1), 20), ids.random)
  const dial = async (): Promise<void> => {
    const opened = await connect(clientOptions(settings, waitMs))
    if (closed) return opened.close()
    checkVersion(opened, address)
    made = opened
    attempts = 0
    void follow(opened)
    tell(opened)
  }
  const follow = async (opened: NatsConnection): Promise<void> => {
    for await (const status of opened.status()) {
      if (status.type === 'error') complaint = status.error
      if (status.type === 'disconnect') tell(undefined)
      if (status.type !== 'reconnect') continue
      attempts = 0
      tell(opened)
    }
    // Closed: by us, or because it could not even try again.
    tell(undefined)
    if (!closed) dialLater()
  }
  const dialLater = (): void => {
    redial = clock.after(waitMs(), () => void dial().catch(dialLater))
  }

  const use = (): NatsConnection => {
    if (closed) throw brokerClosed()
    if (client === undefined) throw noConnection(address)
    return client
  }

  try {
    await dial()
  } catch (error) {
    if (error instanceof GestaError) throw error
    const refused = error instanceof Error && error.name === 'AuthorizationError'
    throw unavailable(
      address,
      refused
        ? 'it refuses the user, the token or the credentials. Look at them.'
        : `there was none within ${timeoutMs} ms. Look at the addresses and at the cause.`,
      error,
    )
  }
  return {
    address,
    timeoutMs,
    get client() {
      return client
    },
    get closed() {
      return closed
    },
    get complaint() {
      return complaint
    },
    use,
    bytesMax: () => {
      const { info } = use()
      // Lost this moment.
      if (info === undefined) throw noConnection(address)
      return info.max_payload
    },
    watch: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      redial?.cancel()
      const last = client
      if (last !== undefined) await inTime(clock, timeoutMs, last.flush()).catch(() => undefined)
      tell(undefined)
      await made?.close()
    },
  }
}

/** Rejects when the work takes longer; the work goes on then. */
export async function inTime<Result>(
  clock: BackendRuntime['clock'],
  timeoutMs: number,
  work: Promise<Result>,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = clock.after(timeoutMs, () => reject(new Error(`There was no answer within ${timeoutMs} ms.`)))
  try {
    return await Promise.race([work, promise])
  } finally {
    timer.cancel()
  }
}

function clientOptions(
  {
    addresses,
    name,
    user,
    password,
    token,
    credentials,
    tls,
    timeoutMs,
    noEcho = false,
  }: Parameters<typeof openConnection>[0],
  reconnectDelayHandler: () => number,
): NodeConnectionOptions {
  return {
    servers: [...addresses],
    name,
    noEcho,
    timeout: timeoutMs,
    // A connection that says nothing is given up after three of them.
    pingInterval: Math.min(timeoutMs, pingEveryMsMax),
    maxPingOut: 2,
    maxReconnectAttempts: -1,
    reconnectDelayHandler,
    ignoreAuthErrorAbort: true,
    noAsyncTraces: true,
    ...(user === undefined ? undefined : { user }),
    ...(password === undefined ? undefined : { pass: password }),
    ...(token === undefined ? undefined : { token }),
    ...(credentials === undefined
      ? undefined
      : { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
    ...(tls === undefined ? undefined : { tls: { ...tls } }),
  } as NodeConnectionOptions
}

function checkVersion(client: NatsConnection, address: string): void {
  const version = client.info?.version ?? '0'
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1])) return
  void client.close()
  throw unavailable(address, `it is version ${version}. Use ${oldestVersion.join('.')} or newer.`)
}
