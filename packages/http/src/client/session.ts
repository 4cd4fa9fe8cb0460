// How the client says who asks, and what it does when the server does not know it any more: one refresh for all calls, one repetition.
import type { ClientOptions } from './types.ts'

export interface ClientSession {
  readonly baseUrl: string
  /** Sends a request as who the client is; after a 401 once more, when a refresh came between. */
  send(path: string, request: SessionRequest): Promise<Response>
}
export type SessionRequest = Omit<RequestInit, 'headers'> & { readonly headers: { readonly [name: string]: string } }
/** Refreshes the session; false: it is over. */
export type Refresh = () => Promise<boolean>

export function createSession(options: ClientOptions, refresh: Refresh | undefined): ClientSession {
  const { fetch = globalThis.fetch, baseUrl, headers, token, session } = options
  let refreshing: Promise<boolean> | undefined
  /** Counts refreshes, so that a call that was sent before the last one is repeated and starts none. */
  let generation = 0

  const once = async (path: string, request: SessionRequest): Promise<Response> => {
    const own = typeof headers === 'function' ? await headers() : headers
    const bearer = await token?.()
    return fetch(`${baseUrl.replace(/\/$/, '')}${path}`, {
      ...request,
      ...(session === 'cookie' ? { credentials: 'include' } : undefined),
      headers: {
        ...own,
        ...(bearer === undefined ? undefined : { authorization: `Bearer ${bearer}` }),
        ...(session === 'cookie' ? { 'gesta-session': 'cookie' } : undefined),
        ...request.headers,
      },
    })
  }
  const renewed = async (refresher: Refresh, sentAt: number): Promise<boolean> => {
    if (generation !== sentAt) return true
    refreshing ??= refresher().then(
      (isLive) => {
        if (isLive) generation++
        refreshing = undefined
        return isLive
      },
      () => {
        refreshing = undefined
        return false
      },
    )
    return refreshing
  }
  return {
    baseUrl,
    send: async (path, request) => {
      const sentAt = generation
      const response = await once(path, request)
      if (refresh === undefined || response.status !== 401 || (await isRejection(response))) return response
      if (!(await unlessAborted(renewed(refresh, sentAt), request.signal))) return response
      await response.body?.cancel()
      return once(path, request)
    },
  }
}

/** A refresh is for all calls under way, so none of them aborts it; but none waits for it longer than it may take itself. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (signal === null || signal === undefined) return answer
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    void answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** A command that was run and said no: nobody has to sign in for that. */
async function isRejection(response: Response): Promise<boolean> {
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return (problem as { readonly rejected?: unknown } | undefined)?.rejected === true
}
