// The streams of a command log: made when it is opened, and asked and written with the errors of a store.
import { DiscardPolicy, jetstream, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream'
import { headers } from '@nats-io/transport-node'
import type { NatsConnection } from '@nats-io/transport-node'
import { GestaError, storeClosed } from '@gesta/core/ports'
import type { Clock } from '@gesta/core/ports'
import { logNames } from './command-log-options.ts'
import type { CommandLogSettings, LogNames } from './command-log-options.ts'
import type { Connection } from './connection.ts'
import { apiCode, natsError, noConnection } from './nats-errors.ts'
import { ensureStream } from './streams.ts'

export interface LogStreams {
  readonly names: LogNames
  readonly connection: Connection
  /** A question to JetStream. Errors: `store_*`. */
  ask<Result>(question: (manager: JetStreamManager) => Promise<Result>): Promise<Result>
  /**
   * Sends a message, in the order of calls, and resolves with its sequence when it is stored; with `undefined` when the last message of
   * its subject is not the one of `after` (0: there shall be none). Errors: `store_*`.
   */
  publish(subject: string, body: Uint8Array, after?: number): Promise<number | undefined>
}

/** Room for what a server adds to a message on its way to others. */
const envelopeBytes = 1024
/** The head of a command with the longest ids, and the places of its chunks, have to fit. */
const bytesLeast = 32_768
const wrongLastSequence = 10_071
/** The account's or the server's room is used up; the last one stands for every other limit of a stream. */
const noRoom: readonly number[] = [10_002, 10_023, 10_028, 10_047, 10_077]

/** Makes what is not there. Errors: `store_unavailable`, `store_foreign`. */
export async function openLogStreams(
  connection: Connection,
  settings: CommandLogSettings,
  clock: Clock,
): Promise<LogStreams> {
  const names = logNames(settings)
  const clients = new WeakMap<NatsConnection, { js: JetStreamClient; manager: Promise<JetStreamManager> }>()
  const use = (): { readonly js: JetStreamClient; readonly manager: Promise<JetStreamManager> } => {
    const client = connection.use()
    const { timeoutMs: timeout } = connection
    const made = clients.get(client) ?? {
      js: jetstream(client, { timeout }),
      manager: jetstreamManager(client, { timeout, checkAPI: false }),
    }
    clients.set(client, made)
    return made
  }
  const waiting = new Set<(error: unknown) => void>()
  connection.watch((client) => {
    if (client !== undefined) return
    for (const reject of waiting) reject(noConnection(connection.address))
  })
  /** A lost connection answers nothing any more, so nobody waits for it. */
  const whileConnected = async <Result>(answer: Promise<Result>): Promise<Result> => {
    const { promise, reject } = Promise.withResolvers<never>()
    waiting.add(reject)
    try {
      return await Promise.race([answer, promise])
    } finally {
      waiting.delete(reject)
    }
  }
  const ask: LogStreams['ask'] = async (question) => {
    try {
      return await whileConnected(question(await use().manager))
    } catch (error) {
      throw storeError(error, connection.address)
    }
  }
  const shared = {
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    storage: settings.storage === 'file' ? StorageType.File : StorageType.Memory,
    num_replicas: settings.replicas,
  }
  await ask(async (manager) => {
    const last = { max_msgs_per_subject: 1, allow_rollup_hdrs: true }
    for (const [part, more] of [
      ['heads', last],
      ['bodies', { allow_direct: true }],
      ['places', {}],
      ['blocks', last],
    ] as const) {
      const { stream: name, subject } = names[part]
      const made = { max_msgs_per_subject: -1, ...shared, ...more, name, subjects: [`${subject}.>`] }
      const found = await ensureStream(manager, made, clock)
      // A bucket that tools have made does not let messages be deleted: nothing could be purged.
      const isOurs =
        found.subjects.includes(`${subject}.>`) &&
        found.max_msgs_per_subject === made.max_msgs_per_subject &&
        !found.deny_delete
      if (!isOurs) throw foreign(`${subject}.>`, name)
    }
  })
  if (chunkBytes(connection) + envelopeBytes < bytesLeast)
    throw new GestaError(
      'store_unavailable',
      `Expected NATS at ${connection.address} to have a max_payload of ${bytesLeast} bytes at least, received ${connection.bytesMax()}. Raise it in the server's settings.`,
      { facts: { address: connection.address } },
    )
  return {
    names,
    connection,
    ask,
    publish: async (subject, body, after) => {
      try {
        const { js } = use()
        const options = after === undefined ? {} : { headers: expecting(after) }
        return (await whileConnected(js.publish(subject, body, options))).seq
      } catch (error) {
        if (apiCode(error) === wrongLastSequence) return undefined
        throw storeError(error, connection.address)
      }
    },
  }
}

/** Bytes of the largest message that the log sends. */
export function chunkBytes(connection: Connection): number {
  return connection.bytesMax() - envelopeBytes
}

/** The errors of a connection, as users of a store know them. */
export function storeError(error: unknown, address: string): unknown {
  const found = natsError(error, address)
  if (!(found instanceof GestaError)) return found
  if (found.code === 'broker_closed') return storeClosed()
  if (found.code !== 'broker_unavailable') return found
  const full = noRoom.includes(apiCode(found.cause) ?? 0)
  return new GestaError(full ? 'store_full' : 'store_unavailable', found.message, {
    cause: found.cause,
    facts: found.facts,
  })
}

function expecting(sequence: number): ReturnType<typeof headers> {
  const made = headers()
  made.set('Nats-Expected-Last-Subject-Sequence', String(sequence))
  return made
}

function foreign(subject: string, stream: string): GestaError {
  return new GestaError(
    'store_foreign',
    `Expected the stream ${stream} to be a part of a command log, with the subject ${subject} and messages that can be deleted, received another stream. Choose another name in the option log.`,
    { facts: { stream } },
  )
}
