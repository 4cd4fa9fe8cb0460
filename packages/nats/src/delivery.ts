// One delivery of a message to a group: what its acknowledgement subject tells, and what is answered there.
import type { Msg, NatsConnection } from '@nats-io/transport-node'

export interface Delivery {
  readonly message: Msg
  /** How many times the group got it, from 1. */
  readonly deliveries: number
  /** Its place in the stream. */
  readonly sequence: number
  /** The number of this delivery among all that the group gets, from 1, without a gap. */
  readonly turn: number
  /** The same for every delivery of a message, and for no other message. */
  readonly identity: string
}
/** `+WPI`: still in hand. `+TERM`: never again. */
export type Answer = '+ACK' | '-NAK' | '+WPI' | '+TERM'

/** `undefined` for a message that no consumer of JetStream has sent. */
export function deliveryOf(message: Msg): Delivery | undefined {
  // $JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<deliveries>.<sequence>.<delivery sequence>.<time>.<pending>[.<random>]
  const tokens = message.reply?.split('.') ?? []
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined
  const [deliveries, sequence, turn, time] = tokens.slice(tokens.length === 9 ? 4 : 6)
  return {
    message,
    deliveries: Number(deliveries),
    sequence: Number(sequence),
    turn: Number(turn),
    identity: `${sequence}.${time}`,
  }
}

export function answer(client: NatsConnection, { message }: Delivery, said: Answer, delayMs?: number): void {
  if (message.reply !== undefined)
    client.publish(message.reply, delayMs === undefined ? said : `${said} ${JSON.stringify({ delay: delayMs * 1e6 })}`)
}

/** The same, and resolves when the server has done it. */
export async function answerAndWait(
  client: NatsConnection,
  { message }: Delivery,
  said: Answer,
  timeoutMs: number,
): Promise<void> {
  if (message.reply !== undefined) await client.request(message.reply, said, { timeout: timeoutMs })
}
