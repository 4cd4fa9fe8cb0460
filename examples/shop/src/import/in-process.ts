// An import into a shop that runs in this process.
import { isGestaError } from '@gesta/core'
import type { Running } from '@gesta/core'
import type { InvoiceCommand } from './command-of.ts'
import { decidedOf, failureOf } from './target.ts'
import type { Target } from './target.ts'

type Shop = Pick<Running<InvoiceCommand['type'], never>, 'dispatch'>

/** Whoever started the shop stops it. */
export function into(running: Shop, name: string): Target {
  return {
    name,
    send: async (command, { key, commandId, signal }) => {
      try {
        // The bulk lane: customers who order meanwhile do not wait behind the import.
        const options = { idempotencyKey: key, commandId, signal, lane: 'bulk' } as const
        const outcome =
          command.type === 'Order.Place'
            ? await running.dispatch(command, options)
            : await running.dispatch(command, options)
        return decidedOf(command, outcome, commandId)
      } catch (error) {
        throw error instanceof Error && isGestaError(error) ? failureOf(error.code, error) : error
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}
