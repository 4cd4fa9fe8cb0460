// Asks the process of the listening clients, and hears what came of it.
import { fork } from 'node:child_process'
import type { StreamAnswer, StreamOrder } from './stream-order.ts'

export interface StreamListeners extends Disposable {
  /** Sends an order; the answer is its median in microseconds, 0 where there is none. One at a time. */
  order(order: StreamOrder): Promise<number>
}

export function startListeners(): StreamListeners {
  const child = fork(new URL('stream-client.ts', import.meta.url))
  return {
    order: (order) =>
      new Promise((resolve, reject) => {
        const fail = (why: string): void =>
          reject(new Error(`Expected the clients to obey (${order.kind}), but: ${why}`))
        const ended = (): void => fail('they ended')
        child.once('exit', ended)
        child.once('message', (answer: StreamAnswer) => {
          child.off('exit', ended)
          if ('failed' in answer) fail(answer.failed)
          else resolve(answer.medianUs)
        })
        child.send(order)
      }),
    [Symbol.dispose]: () => void child.kill(),
  }
}
