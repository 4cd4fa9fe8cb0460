// Runs tasks side by side, but those of one lane one after the other. Bounded: who adds more waits for room.

export interface Lanes {
  /** Resolves when the task was let in, not when it is done. Errors: the first failure of any task. */
  add(lane: string, task: () => Promise<void>): Promise<void>
  /** Resolves when nothing runs any more. Errors: the first failure of any task. */
  idle(): Promise<void>
}

/** @param tasksMax tasks that are let in at a time, whether they run or wait for their lane. */
export function createLanes(tasksMax: number): Lanes {
  const ends = new Map<string, Promise<void>>()
  let inside = 0
  let failure: { readonly error: unknown } | undefined
  let leave = Promise.withResolvers<void>()

  const below = async (tasks: number): Promise<void> => {
    while (inside >= tasks) await leave.promise
    if (failure !== undefined) throw failure.error
  }
  const run = async (before: Promise<void> | undefined, task: () => Promise<void>): Promise<void> => {
    await before
    try {
      // After a failure nothing new begins: the tasks behind it may depend on what failed.
      if (failure === undefined) await task()
    } catch (error) {
      failure ??= { error }
    }
  }
  return {
    add: async (lane, task) => {
      await below(tasksMax)
      inside++
      const end = run(ends.get(lane), task).then(() => {
        inside--
        if (ends.get(lane) === end) ends.delete(lane)
        leave.resolve()
        leave = Promise.withResolvers()
      })
      ends.set(lane, end)
    },
    idle: () => below(1),
  }
}
