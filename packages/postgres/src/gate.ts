// Lets so many in at once; the others wait in the order in which they came.

export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>

export function createGate(most: number): Gate {
  let free = most
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free++
      else next()
    }
  }
}
