// A client that is made when it is needed, and made anew after a call without an answer, so that nothing of that call happens later.
import type { Admin, Consumer, Producer } from '@platformatic/kafka'
import type { Clock } from '@gesta/core/ports'
import { closeClient, goodbyeMs, inTime } from './clients.ts'
import { brokerClosed, NoAnswer } from './kafka-errors.ts'

export interface KeptClient<Client> extends AsyncDisposable {
  /** Errors: `NoAnswer` after the time that a call has, `broker_closed`, else the client's. */
  call<Result>(run: (client: Client) => Promise<Result>): Promise<Result>
}

export function keepClient<Client extends Admin | Consumer | Producer>(
  make: () => Client,
  timeoutMs: number,
  clock: Clock,
): KeptClient<Client> {
  let kept: Client | undefined
  let closed = false
  const close = async (client: Client | undefined): Promise<void> => {
    if (client === undefined) return
    if (kept === client) kept = undefined
    await closeClient(client, clock, goodbyeMs)
  }
  return {
    call: async (run) => {
      if (closed) throw brokerClosed()
      const client = (kept ??= make())
      try {
        return await inTime(clock, timeoutMs, run(client))
      } catch (error) {
        if (error instanceof NoAnswer) await close(client)
        throw error
      }
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      await close(kept)
    },
  }
}
