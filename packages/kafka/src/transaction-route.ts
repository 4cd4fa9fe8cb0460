// Messages in transactions under an id: all portions of a batch are seen, or none. The broker lets only the producer that came last
// under an id do anything, so one that was taken for dead, and is not, can publish nothing any more.
import type { Producer } from '@platformatic/kafka'
import type { GestaError } from '@gesta/core/ports'
import type { BackendRuntime } from '@gesta/core/ports'
import { closeClient, goodbyeMs, inTime, newProducer, produced } from './clients.ts'
import type { ProducerIdentity } from './clients.ts'
import { kafkaError } from './kafka-errors.ts'
import type { Message } from './messages.ts'
import type { Settings } from './options.ts'
import type { Route } from './route.ts'

/** Takes the id at once. Errors: those of sending. */
export async function createTransactionRoute(
  settings: Settings,
  { clock }: Pick<BackendRuntime, 'clock'>,
  transactionalId: string,
): Promise<Route> {
  let producer: Producer | undefined
  /** Who this route was last. It goes on as that, never as somebody new: else it would push out who has taken its place. */
  let identity: ProducerIdentity | undefined
  let fenced: GestaError | undefined

  const take = async (): Promise<Producer> => {
    const taken = (producer = newProducer(settings, transactionalId, identity))
    const first = await taken.beginTransaction()
    const { producerId, producerEpoch } = taken
    if (producerId !== undefined && producerEpoch !== undefined) identity = { producerId, producerEpoch }
    await first.cancel()
    return taken
  }
  const carry = async (portions: readonly (readonly Message[])[]): Promise<void> => {
    const own = producer ?? (await take())
    const transaction = await own.beginTransaction()
    for (const portion of portions) await transaction.send({ messages: portion.map(produced) })
    await transaction.commit()
  }
  const close = async (): Promise<void> => {
    const closing = producer
    producer = undefined
    if (closing !== undefined) await closeClient(closing, clock, goodbyeMs)
  }
  const bounded = async (work: () => Promise<unknown>): Promise<void> => {
    if (fenced !== undefined) throw fenced
    try {
      await inTime(clock, settings.timeoutMs, work())
    } catch (error) {
      // Nothing of it may arrive later. Its transaction ends when the next one begins, or by its timeout.
      await close()
      const told = kafkaError(error, settings.brokers)
      if (told.code === 'broker_closed') fenced = told
      throw told
    }
  }

  await bounded(take)
  return { carry: (portions) => bounded(() => carry(portions)), [Symbol.asyncDispose]: close }
}
