// The order in which a process stops, and how the time until its deadline is shared among the steps.
import type { Served } from './process-options.ts'

/** An app, as far as stopping goes. */
export interface Stopped {
  /** Waits for jobs that run, and takes no more. */
  drain(deadlineMs: number): Promise<unknown>
  stop(patienceMs: number): Promise<void>
  /** How many run. */
  jobs(): number
}
export interface Stopping {
  readonly done: Promise<void>
  /** What is not finished. */
  open(): { readonly step: string; readonly requests: number; readonly jobs: number }
}

/**
 * `leftMs`: until the deadline. Each step gets a share of what those before it have left, so that the last ones have some.
 * `told`: each step, when it begins.
 */
export function stopInOrder(
  app: Stopped,
  servers: readonly Served[],
  leaveMs: number,
  leftMs: () => number,
  told: (step: string) => void,
): Stopping {
  const shareMs = (parts: number): number => Math.max(1, Math.floor(leftMs() / parts))
  let step = ''
  const begin = (next: string): void => {
    step = next
    told(step)
  }
  const stop = async (): Promise<void> => {
    begin('leaving')
    for (const server of servers) server.leave?.()
    if (leaveMs > 0) await new Promise((resolve) => setTimeout(resolve, leaveMs))
    begin('requests')
    const ended = await Promise.allSettled(servers.map((server) => server[Symbol.asyncDispose]()))
    begin('jobs')
    // What is not finished by then is given back when the app stops, and runs again elsewhere.
    await app.drain(shareMs(2)).catch(() => undefined)
    begin('app')
    // A quarter until signals abort, as long for what heeds them, and the rest for the stores.
    await app.stop(shareMs(4))
    begin('stopped')
    // A server that could not end keeps nobody from stopping the app.
    const failed = ended.find((each) => each.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  return {
    done: stop(),
    open: () => ({
      step,
      requests: servers.reduce((sum, { requestsInFlight = 0 }) => sum + requestsInFlight, 0),
      jobs: app.jobs(),
    }),
  }
}
