// What a function of the application sends while it runs: the run is over only when everything is that it sent, and nothing is sent later.

export interface Sending {
  /** Does the work, unless the run has ended. `type` names the message in errors. */
  send(type: string, work: () => Promise<unknown>): Promise<unknown>
  /**
   * Ends the run: takes nothing more, and waits for what is on its way. What nobody awaited must not outlive the run, nor fail unseen:
   * the first such failure, if there is one.
   */
  close(): Promise<{ readonly cause: unknown } | undefined>
  /** Takes nothing more, and waits for nothing. */
  end(): void
}

/** `who` sends: the beginning of a sentence, such as `The subscriber Mail`. */
export function createSending(who: string): Sending {
  const going = new Set<Promise<unknown>>()
  const failed: { readonly cause: unknown; isAwaited(): boolean }[] = []
  let open = true
  return {
    send: (type, work) => {
      if (!open)
        return Promise.reject(new Error(`${who} sends ${type} after its run has ended. Await everything in it.`))
      const sent = work()
      const { promise, isAwaited } = watched(sent)
      const done = sent.then(
        () => void going.delete(done),
        (cause: unknown) => {
          going.delete(done)
          failed.push({ cause, isAwaited })
        },
      )
      going.add(done)
      return promise
    },
    close: async () => {
      open = false
      while (going.size > 0) await Promise.all(going)
      return failed.find(({ isAwaited }) => !isAwaited())
    },
    end: () => {
      open = false
    },
  }
}

/** What `going` becomes, and whether anybody asked for it. */
function watched(going: Promise<unknown>): { readonly promise: Promise<unknown>; isAwaited(): boolean } {
  let awaited = false
  const mark = (): Promise<unknown> => {
    awaited = true
    return going
  }
  return {
    // No instance of Promise: `await` would ask one without calling its methods.
    promise: {
      // oxlint-disable-next-line unicorn/no-thenable
      then: (resolved, rejected) => mark().then(resolved, rejected),
      catch: (rejected) => mark().catch(rejected),
      finally: (ended) => mark().finally(ended),
      [Symbol.toStringTag]: 'Promise',
    },
    isAwaited: () => awaited,
  }
}
