// The limit of publishing in process: the subscribers' own cost, called one after the other.

/** Something to do that costs next to nothing and cannot be left out. */
export interface Subscribers {
  readonly handlers: readonly ((data: { readonly pence: number }) => void)[]
  /** What all of them have seen. */
  readonly sum: number
}

export function subscribers(count: number): Subscribers {
  let sum = 0
  return {
    handlers: Array.from({ length: count }, (_, index) => ({ pence }) => {
      sum += pence + index
    }),
    get sum() {
      return sum
    },
  }
}

/** Calls all of them with each event. */
export async function callAll({ handlers }: Subscribers, first: number, count: number): Promise<void> {
  for (let n = first; n < first + count; n++) {
    const data = { pence: n }
    for (const handler of handlers) handler(data)
  }
}
