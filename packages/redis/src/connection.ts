// One connection to a Redis server, kept as long as it answers. Nothing waits for long and nothing is queued for later: a call that gets
// no answer in time fails, its connection is given up, and the next call makes another one.
import { createClient } from '@redis/client'
import type { RedisClientType } from '@redis/client'
import { backoffMs } from '@gesta/core/ports'
import type { BackendRuntime } from '@gesta/core/ports'
import { isAnswer, storeFailures } from './redis-errors.ts'
import type { Failures } from './redis-errors.ts'
import { addressOf } from './server-address.ts'

export interface ConnectionOptions {
  readonly url: string
  /** Milliseconds that a call waits for its connection, and then for its answer. */
  readonly timeoutMs: number
}
export interface Connection extends AsyncDisposable {
  /** Host and port. */
  readonly address: string
  /** Runs commands. Errors: those that its failures say. */
  call<Result>(run: (client: RedisClientType) => Promise<Result>): Promise<Result>
  /** Ends what waits for an answer at once; the next call connects again. */
  cut(): void
}

/** Pauses between attempts to connect; calls meanwhile fail at once. */
const pause = { firstMs: 50, maxMs: 2000 }
/** Commands that may wait for their answers; more are refused. */
const waitingMax = 10_000

class NoAnswer extends Error {}

/** Connects, so that a wrong address is told at once. Errors: those of `call`. */
export async function openConnection(
  options: ConnectionOptions,
  runtime: BackendRuntime,
  failures: Failures = storeFailures,
): Promise<Connection> {
  const connection = createConnection(options, runtime, failures)
  try {
    await connection.call((client) => client.ping())
    return connection
  } catch (error) {
    await connection[Symbol.asyncDispose]()
    throw error
  }
}

/** Connects as well, but a server that does not answer is left for the calls that come. Errors: what a server answers that refuses. */
export async function openWhateverAnswers(options: ConnectionOptions, runtime: BackendRuntime): Promise<Connection> {
  const connection = createConnection(options, runtime, storeFailures)
  try {
    await connection.call((client) => client.ping())
  } catch (error) {
    if (isAnswer(error)) {
      await connection[Symbol.asyncDispose]()
      throw error
    }
  }
  return connection
}

/** Connects with the first call. */
export function createConnection(
  { url, timeoutMs }: ConnectionOptions,
  { clock, ids }: BackendRuntime,
  failures: Failures,
): Connection {
  const address = addressOf(url)
  const working = new Set<Promise<unknown>>()
  let current: { readonly client: RedisClientType; readonly ready: Promise<unknown> } | undefined
  let failure: { readonly count: number; readonly untilUs: number; readonly error: unknown } | undefined
  let closed = false

  const inTime = async <Result>(work: Promise<Result>): Promise<Result> => {
    const { promise, reject } = Promise.withResolvers<never>()
    const timer = clock.after(timeoutMs, () => reject(new NoAnswer(`There was no answer within ${timeoutMs} ms.`)))
    try {
      return await Promise.race([work, promise])
    } finally {
      timer.cancel()
    }
  }
  const giveUp = (client: RedisClientType): void => {
    if (current?.client === client) current = undefined
    client.destroy()
  }
  const connect = async (client: RedisClientType): Promise<void> => {
    // What the event tells, the calls that fail tell too; without a listener it would end the process.
    client.on('error', () => giveUp(client))
    // A client that is destroyed while its socket connects does not know of it yet, and would keep it.
    client.on('connect', () => {
      if (current?.client !== client) client.destroy()
    })
    try {
      await inTime(client.connect())
      failure = undefined
    } catch (error) {
      giveUp(client)
      const count = (failure?.count ?? 0) + 1
      failure = { count, untilUs: clock.monotonicUs() + backoffMs(pause, count, ids.random) * 1000, error }
      throw error
    }
  }
  const perform = async <Result>(run: (client: RedisClientType) => Promise<Result>): Promise<Result> => {
    if (current === undefined) {
      if (failure !== undefined && clock.monotonicUs() < failure.untilUs) throw failure.error
      const client = newClient(url, timeoutMs)
      current = { client, ready: connect(client) }
    }
    const { client, ready } = current
    await ready
    try {
      return await inTime(run(client))
    } catch (error) {
      if (error instanceof NoAnswer) giveUp(client)
      throw error
    }
  }
  const call: Connection['call'] = async (run) => {
    if (closed) throw failures.closed()
    const work = perform(run)
    working.add(work)
    try {
      return await work
    } catch (error) {
      throw failures.of(error, address)
    } finally {
      working.delete(work)
    }
  }

  const cut = (): void => {
    if (current !== undefined) giveUp(current.client)
  }
  return {
    address,
    call,
    cut,
    [Symbol.asyncDispose]: async () => {
      closed = true
      // Each of them ends in time.
      await Promise.allSettled(working)
      cut()
    },
  }
}

function newClient(url: string, timeoutMs: number): RedisClientType {
  return createClient({
    url,
    disableOfflineQueue: true,
    commandsQueueMaxLength: waitingMax,
    maintNotifications: 'disabled',
    // The client's own timeout ends when a command is written; the one here waits for the answer.
    commandOptions: { timeout: 0 },
    socket: { connectTimeout: timeoutMs, reconnectStrategy: false },
  })
}
