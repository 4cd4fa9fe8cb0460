// The limit of relaying to JetStream: the bare client, publishing the same bodies with the same number on their way.
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { inLanes } from '../measure.ts'
import type { Subject } from '../measure.ts'

const stream = 'bare'
const subject = 'bare.Account.Deposited'

/** Publishes and waits for the stream's acknowledgement; the stream keeps to the disk, as gesta's does. */
export async function natsPublish(url: string, inFlight: number, bodyOf: (index: number) => string): Promise<Subject> {
  const client = await connect({ servers: url })
  const manager = await jetstreamManager(client)
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`] })
  const publisher = jetstream(client)
  return {
    run: (first, count) =>
      inLanes(inFlight, first, count, (index) => publisher.publish(subject, bodyOf(index), { msgID: `m${index}` })),
    [Symbol.asyncDispose]: async () => {
      await manager.streams.delete(stream)
      await client.close()
    },
  }
}
