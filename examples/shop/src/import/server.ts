// An import through a running server, with the typed client: it has the types of the shop and none of its code.
import { ClientError, createClient } from '@gesta/http/client'
import type { shop } from '../shop.ts'
import { decidedOf, failureOf, Unsettled } from './target.ts'
import type { Target } from './target.ts'

/** How long one attempt may take; then the same command is sent again. */
const deadlineMs = 15_000

export function server(url: string): Target {
  const client = createClient<typeof shop>({ baseUrl: url })
  return {
    name: url,
    send: async (command, { key, commandId, signal }) => {
      try {
        const options = { idempotencyKey: key, commandId, signal, deadlineMs }
        const outcome =
          command.type === 'Order.Place'
            ? await client.Order.Place(command.data, options)
            : await client.Order.Return(command.data, options)
        return decidedOf(command, outcome, commandId)
      } catch (error) {
        throw error instanceof ClientError ? meaningOf(error, url) : error
      }
    },
    [Symbol.asyncDispose]: async () => {},
  }
}

function meaningOf(error: ClientError, url: string): Error {
  const { code, status } = error
  if (code === 'unreachable' || status >= 500) return new Unsettled(error.message, { cause: error })
  if (code === 'unexpected_answer' || code === 'unknown_path')
    return new Error(`${url} answers, but it is no server of this shop.`, { cause: error })
  return failureOf(code, error)
}
