// Publishing into streams: what is sent waits for the stream's acknowledgement. One subscription takes the answers of all, and one
// timer watches over all, so that a message costs no timer and no wait of its own.
import { createInbox } from '@nats-io/transport-node'
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import { GestaError } from '@gesta/core/ports'
import type { Clock } from '@gesta/core/ports'
import type { Connection } from './connection.ts'
import type { OutgoingMessage } from './message.ts'
import { brokerClosed, noConnection, unavailable } from './nats-errors.ts'

export interface AcknowledgedPublishing extends AsyncDisposable {
  /**
   * Resolves when every message is in its stream. A message is sent when the one before it was acknowledged, so that what arrives is a
   * beginning of the list whatever fails; `pipelined` sends all at once.
   * Errors: `broker_unavailable`, `broker_closed`, `payload_too_large`.
   */
  send(messages: readonly OutgoingMessage[], options: SendOptions): Promise<void>
}
interface SendOptions {
  readonly pipelined: boolean
  /** Called when no stream took a message. */
  readonly onMissing?: (() => void) | undefined
}

interface Batch extends SendOptions {
  readonly messages: readonly OutgoingMessage[]
  sent: number
  acknowledged: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  failed: boolean
}
interface Waiting {
  readonly batch: Batch
  readonly sentUs: number
}

/** JetStream's code for a message above the `max_msg_size` of the stream. */
const aboveStreamMaximum = 10_054

export function createAcknowledgedPublishing(
  connection: Connection,
  clock: Pick<Clock, 'monotonicUs' | 'after'>,
): AcknowledgedPublishing {
  const { address, timeoutMs } = connection
  const inbox = createInbox()
  /** In the order in which they were sent, so that the first one is due first. */
  const waiting = new Map<string, Waiting>()
  let subscription: { readonly client: NatsConnection; readonly answers: Subscription } | undefined
  let count = 0
  let timer: { cancel(): void } | undefined
  let emptied: PromiseWithResolvers<void> | undefined
  let closed = false

  const fail = (batch: Batch, error: unknown): void => {
    batch.failed = true
    batch.reject(error)
  }
  const settled = (): void => {
    if (waiting.size === 0) emptied?.resolve()
  }
  const watchOver = (): void => {
    timer = undefined
    const nowUs = clock.monotonicUs()
    for (const [token, { batch, sentUs }] of waiting) {
      const leftUs = sentUs + timeoutMs * 1000 - nowUs
      if (leftUs > 0) {
        timer = clock.after(Math.ceil(leftUs / 1000), watchOver)
        break
      }
      waiting.delete(token)
      const what = `it did not acknowledge a message within ${timeoutMs} ms. Publish again; if the server refused it, the cause says why.`
      fail(batch, unavailable(address, what, connection.complaint))
    }
    settled()
  }
  const sendNext = (batch: Batch, client: NatsConnection): void => {
    const next = batch.messages[batch.sent]
    if (next === undefined) return
    batch.sent += 1
    const token = (count += 1).toString(36)
    waiting.set(token, { batch, sentUs: clock.monotonicUs() })
    timer ??= clock.after(timeoutMs, watchOver)
    try {
      client.publish(next.subject, next.body, { headers: next.headers, reply: `${inbox}.${token}` })
    } catch (error) {
      // The client refuses while it closes, or when the server has lowered its limit since the sizes were checked.
      waiting.delete(token)
      fail(batch, unavailable(address, 'the client could not send. Look at the cause.', error))
    }
  }
  const take = (answer: Msg): void => {
    const token = answer.subject.slice(inbox.length + 1)
    const found = waiting.get(token)
    // An answer after the deadline.
    if (found === undefined) return
    waiting.delete(token)
    const { batch } = found
    const error = errorOf(answer, batch, address)
    batch.acknowledged += 1
    if (error !== undefined) fail(batch, error)
    else if (batch.acknowledged === batch.messages.length) batch.resolve()
    else if (!batch.failed && connection.client !== undefined) sendNext(batch, connection.client)
    settled()
  }
  const listen = (client: NatsConnection): void => {
    if (subscription?.client === client) return
    const answers = client.subscribe(`${inbox}.*`, {
      callback: (error, answer) => void (error === null && take(answer)),
    })
    subscription = { client, answers }
  }
  const endWatch = connection.watch((client) => {
    if (client !== undefined) return listen(client)
    // What was sent may have arrived: who publishes again does so under the same ids.
    for (const { batch } of waiting.values()) if (!batch.failed) fail(batch, noConnection(address))
    waiting.clear()
    settled()
  })
  if (connection.client !== undefined) listen(connection.client)

  return {
    send: (messages, options) => {
      const { client } = connection
      if (closed || connection.closed) return Promise.reject(brokerClosed())
      if (client === undefined) return Promise.reject(noConnection(address))
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const batch: Batch = { ...options, messages, sent: 0, acknowledged: 0, failed: false, resolve, reject }
      const first = options.pipelined ? messages.length : 1
      while (batch.sent < first && !batch.failed) sendNext(batch, client)
      return promise
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      if (waiting.size > 0) {
        emptied = Promise.withResolvers()
        await emptied.promise
      }
      timer?.cancel()
      endWatch()
      subscription?.answers.unsubscribe()
    },
  }
}

function errorOf({ headers, data }: Msg, { onMissing }: Batch, address: string): GestaError | undefined {
  if (data.length === 0 && headers?.code === 503) {
    onMissing?.()
    return unavailable(address, 'no stream takes this topic now. Look whether JetStream is on and the stream is there.')
  }
  const { error } = answerOf(data)
  if (error === undefined) return undefined
  const { err_code: code, description = 'an unknown error' } = error
  if (code === aboveStreamMaximum)
    return new GestaError(
      'payload_too_large',
      'Expected a message within max_msg_size of its stream, received a larger one. Send less, or raise the limit.',
    )
  return unavailable(address, `the stream refused a message: ${description}. Look at the stream's limits.`)
}

function answerOf(data: Uint8Array): {
  readonly error?: { readonly err_code?: number; readonly description?: string }
} {
  try {
    return JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString()) as ReturnType<
      typeof answerOf
    >
  } catch {
    return { error: { description: 'its answer is none of JetStream' } }
  }
}
