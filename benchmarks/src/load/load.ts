// Asks the load process for requests, and hears how fast they were answered.
import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface LoadOrder {
  readonly url: string
  readonly path: string
  readonly connections: number
  readonly requests: number
  /** Sent with each request. */
  readonly headers?: { readonly [name: string]: string }
}
export interface LoadResult {
  readonly perSec: number
  readonly p50us: number
  readonly p99us: number
}
export type LoadAnswer = LoadResult | { readonly failed: string }

export interface LoadProcess extends Disposable {
  send(order: LoadOrder): Promise<LoadResult>
}

/** A load process that waits for orders, one at a time. */
export function startLoad(): LoadProcess {
  const child = fork(new URL('client.ts', import.meta.url))
  return {
    send: async (order) => {
      child.send(order)
      // The listeners of the event that did not come are taken off again.
      using heard = new AbortOnDispose()
      const ended = once(child, 'exit', heard).then(() => [{ failed: 'it ended' }])
      ended.catch(() => undefined)
      const [answer] = (await Promise.race([once(child, 'message', heard), ended])) as [LoadAnswer]
      if ('failed' in answer)
        throw new Error(
          `Expected the load process to send ${order.requests} requests to ${order.url}, but: ${answer.failed}`,
        )
      return answer
    },
    [Symbol.dispose]: () => void child.kill(),
  }
}

class AbortOnDispose extends AbortController implements Disposable {
  [Symbol.dispose](): void {
    this.abort()
  }
}
