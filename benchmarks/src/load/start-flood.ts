// Starts and ends a flood of sign-ins.
import { fork } from 'node:child_process'
import { once } from 'node:events'

export interface FloodOrder {
  readonly url: string
  readonly path: string
  readonly perSec: number
}
export interface FloodAnswer {
  /** Answers by their status. */
  readonly answered: { readonly [status: number]: number }
}
export interface Flood extends Disposable {
  begin(order: FloodOrder): void
  end(): Promise<FloodAnswer>
}

export function startFlood(): Flood {
  const child = fork(new URL('flood.ts', import.meta.url))
  return {
    begin: (order) => void child.send(order),
    end: async () => {
      const answer = once(child, 'message')
      child.send('end')
      return ((await answer) as [FloodAnswer])[0]
    },
    [Symbol.dispose]: () => void child.kill(),
  }
}
