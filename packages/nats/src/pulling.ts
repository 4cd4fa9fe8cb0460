// Asking a consumer for messages. One question at a time: the server answers with what is there as soon as there is something, says
// that this was all, and is asked again. A question that gets no answer and no sign of life is given up.
import { createInbox } from '@nats-io/transport-node'
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import type { Clock, Timer } from '@gesta/core/ports'
import type { Connection } from './connection.ts'

/**
 * `busy`: more receivers ask than the group lets. `answered`: there is no more now, or as much as was asked for has come. `interrupted`: nobody knows. `refused`: the consumer cannot
 * answer, or is not there. `deleted`: somebody deleted it.
 */
type PullEnd = 'answered' | 'busy' | 'interrupted' | 'refused' | 'deleted'
export interface Pulling {
  /** Asks for up to `count` messages: waits for the first ones, or takes what is there now. */
  pull(count: number, how: 'wait' | 'now'): Promise<PullEnd>
  /** No more messages come when it resolves. */
  stop(): Promise<void>
}

const waitsMs = 30_000
/** To see what is there now. */
const glanceMs = 10
const heartbeatMs = 5000
/** Without a sign of life for so long, a question is taken for lost. */
const silenceMs = 12_000

interface Question {
  left: number
  readonly end: (how: PullEnd) => void
  heardUs: number
}

/** `take` gets every message as it comes, also those that come late. */
export function createPulling(
  connection: Connection,
  { stream, consumer }: { readonly stream: string; readonly consumer: string },
  clock: Pick<Clock, 'monotonicUs' | 'after'>,
  take: (message: Msg) => void,
): Pulling {
  const inbox = createInbox()
  const subject = `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`
  let listening: { readonly client: NatsConnection; readonly answers: Subscription } | undefined
  let question: Question | undefined
  /** Others wait for more than there is, so the server would send this question away. */
  let crowded = false
  let timer: Timer | undefined

  const end = (how: PullEnd): void => {
    const ended = question
    question = undefined
    ended?.end(how)
  }
  const hear = (message: Msg): void => {
    const status = message.data.length === 0 && message.headers !== undefined ? message.headers.code : 0
    if (question !== undefined) question.heardUs = clock.monotonicUs()
    if (status === 0) {
      if (question !== undefined) question.left -= 1
      take(message)
      if (question?.left === 0) end('answered')
      return
    }
    const description = message.headers?.description ?? ''
    crowded = /requests pending/i.test(description)
    if (status === 404 || status === 408) end('answered')
    else if (/exceeded maxwaiting/i.test(description)) end('busy')
    else if (/consumer deleted/i.test(description)) end('deleted')
    else if (status >= 400) end('refused')
  }
  const listen = (client: NatsConnection): void => {
    if (listening?.client === client) return
    const answers = client.subscribe(inbox, { callback: (error, message) => void (error === null && hear(message)) })
    listening = { client, answers }
  }
  const watchSilence = (): void => {
    timer = undefined
    if (question === undefined) return
    const leftMs = silenceMs - (clock.monotonicUs() - question.heardUs) / 1000
    if (leftMs <= 0) end('interrupted')
    else timer = clock.after(Math.ceil(leftMs), watchSilence)
  }
  const endWatch = connection.watch((client) => {
    if (client === undefined) end('interrupted')
  })
  return {
    pull: async (count, how) => {
      const client = connection.use()
      listen(client)
      const { promise, resolve } = Promise.withResolvers<PullEnd>()
      // A question for one needs no end of the answer, and waits also while something is in hand.
      const patient = (crowded || count === 1) && how === 'wait'
      crowded = false
      const left = patient ? 1 : count
      question = { left, end: resolve, heardUs: clock.monotonicUs() }
      timer ??= clock.after(silenceMs, watchSilence)
      client.publish(subject, requestFor(left, patient, how), { reply: inbox })
      return promise
    },
    stop: async () => {
      endWatch()
      end('interrupted')
      timer?.cancel()
      // What is on its way still comes while the server confirms.
      if (connection.client === listening?.client) await listening?.answers.drain()
    },
  }
}

/**
 * With `no_wait` and `expires` the server waits for the first messages, and ends the answer when there are no more. Without `expires` it
 * could keep a question for ever whose messages another receiver was quicker to get (2.9).
 */
function requestFor(batch: number, patient: boolean, how: 'wait' | 'now'): string {
  const nanos = 1_000_000
  return JSON.stringify({
    batch,
    expires: (how === 'now' ? glanceMs : waitsMs) * nanos,
    ...(how === 'now' ? undefined : { idle_heartbeat: heartbeatMs * nanos }),
    ...(patient ? undefined : { no_wait: true }),
  })
}
