// Single writer per aggregate, in this process: commands of one aggregate are decided one after the other.

export interface AggregateQueue {
  /** Takes the turn: `undefined` at once when it is free, else a promise. Rejects with the signal's reason while waiting. */
  take(key: string, signal: AbortSignal | undefined): Promise<void> | undefined
  /** Gives the turn to the next in line. */
  release(key: string): void
}
interface Waiter {
  readonly start: () => void
  gone: boolean
}

/** An empty queue; keys without a command in hand take no memory. */
export function createAggregateQueue(): AggregateQueue {
  // A key is present while its turn is taken; the array holds who waits, made when the first one does.
  const turns = new Map<string, Waiter[] | undefined>()

  return {
    take: (key, signal) => {
      if (!turns.has(key)) {
        turns.set(key, undefined)
        return undefined
      }
      return new Promise<void>((resolve, reject) => {
        signal?.throwIfAborted()
        const waiter: Waiter = {
          gone: false,
          start: () => {
            signal?.removeEventListener('abort', leave)
            resolve()
          },
        }
        const leave = (): void => {
          waiter.gone = true
          reject(signal?.reason as Error)
        }
        signal?.addEventListener('abort', leave, { once: true })
        const line = turns.get(key)
        if (line === undefined) turns.set(key, [waiter])
        else line.push(waiter)
      })
    },
    release: (key) => {
      const line = turns.get(key)
      for (let next = line?.shift(); next !== undefined; next = line?.shift()) {
        if (next.gone) continue
        next.start()
        return
      }
      turns.delete(key)
    },
  }
}
