// The client at run time: two property accesses name a contract, and the server knows whether it is a command or a query.
import { call } from './call.ts'
import type { CallOptions } from './call.ts'
import { createEventStream } from './event-stream.ts'
import type { SubscribeOptions } from './subscriptions.ts'
import { createSession } from './session.ts'
import type { ClientSession, Refresh } from './session.ts'
import type { Client, ClientOptions } from './types.ts'

/**
 * The app's commands and queries over HTTP: `createClient<typeof shop>({ baseUrl }).Order.Place({ ... })`. A command resolves
 * to its outcome, as in process; a query to its result; everything else rejects with a `ClientError`. A presentation event has
 * `subscribe(listener)`; all listeners of a client share one stream.
 * Reference: docs/reference/http.md.
 */
export function createClient<A>(options: ClientOptions<A>): Client<A> {
  const plain = options as ClientOptions
  return clientOf<A>(plain, createSession(plain, refreshOf(options)))
}

function clientOf<A>(options: ClientOptions, session: ClientSession): Client<A> {
  const subscribe = createEventStream(options, session)
  return members((domain) =>
    members((local) => {
      const type = `${domain}.${local}`
      return Object.assign((input: unknown, callOptions: CallOptions = {}) => call(session, type, input, callOptions), {
        subscribe: (listener: (data: never) => void, subscribeOptions?: SubscribeOptions) =>
          subscribe(type, listener, subscribeOptions),
      })
    }),
  ) as Client<A>
}

/** What renews the session, asked by a client that does not do so itself. */
function refreshOf<A>(options: ClientOptions<A>): Refresh | undefined {
  const { refresh, session } = options
  if (refresh === undefined && session !== 'cookie') return undefined
  const plain = { ...options, token: undefined, refresh: undefined } as ClientOptions
  const bare = createSession(plain, undefined)
  const ask = refresh ?? (() => call(bare, 'Auth.Refresh', {}, {}))
  return async () => {
    const said = await ask(clientOf<A>(plain, bare))
    return said !== false && (said as { readonly ok?: unknown } | undefined)?.ok !== false
  }
}

/** An object that makes its properties on first use. Nothing here is called `then`: `await` would call it. */
function members(make: (name: string) => unknown): object {
  const made = new Map<string, unknown>()
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (typeof name === 'symbol' || name === 'then') return undefined
        if (!made.has(name)) made.set(name, make(name))
        return made.get(name)
      },
    },
  )
}
