// One operation after the other, in the order in which they were asked for.

export interface Turns {
  /** Runs an operation when all before it have settled; its result. */
  <Result>(operation: () => Promise<Result>): Promise<Result>
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (operation) => {
    const result = last.then(operation)
    last = result.catch(() => undefined)
    return result
  }
}
