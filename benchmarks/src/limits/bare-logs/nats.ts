// On NATS: one message per record in a stream on disk, all that are recorded together on their way at once. A record is found by the
// number that the stream gave it, which the writer remembers: no index is kept or asked.
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { bareRow, parsed } from './bare-log.ts'
import type { BareLog } from './bare-log.ts'

export async function bareNatsLog(url: string, stream: string): Promise<BareLog> {
  const client = await connect({ servers: url })
  const manager = await jetstreamManager(client)
  await manager.streams.add({ name: stream, subjects: [`${stream}.>`], allow_direct: true })
  const publisher = jetstream(client)
  const numbers = new Map<string, number[]>()
  return {
    record: (records) =>
      Promise.all(
        records.map(bareRow).map(async ({ commandId, correlationId, text }) => {
          const { seq } = await publisher.publish(`${stream}.record`, text, { msgID: commandId })
          const same = numbers.get(correlationId)
          if (same === undefined) numbers.set(correlationId, [seq])
          else same.push(seq)
        }),
      ),
    find: async (correlationId) => {
      const found = await Promise.all(
        (numbers.get(correlationId) ?? []).map((seq) => manager.direct.getMessage(stream, { seq })),
      )
      return parsed(found.map((message) => message?.string() ?? ''))
    },
    [Symbol.asyncDispose]: async () => {
      await manager.streams.delete(stream)
      await client.close()
    },
  }
}
