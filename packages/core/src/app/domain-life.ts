// The lives of domains: what each does when the app starts, in their order, and when it has stopped working, the other way round.
import type { Alarms } from '../time/alarms.ts'
import { deadline } from '../time/deadline.ts'
import type { DomainParts } from './domain-parts.ts'
import type { DomainStart } from './domain-parts.ts'

export interface DomainLife {
  /** Starts one domain after the other. What fails is thrown, with the name of its domain; the others are not started. */
  start(app: DomainStart['app'], signal: AbortSignal | undefined): Promise<void>
  /** Stops those that were started. All of them are stopped; the first error is thrown. Harmless to repeat. */
  stop(): Promise<void>
}

type Living = Pick<DomainParts, 'name' | 'start' | 'stop'>

/** `timeoutMs`: how long each start and each stop may take. */
export function createDomainLife(domains: readonly Living[], alarms: Alarms, timeoutMs: number): DomainLife {
  const started: Living[] = []
  let starting: Promise<void> | undefined

  const limited = async (
    name: string,
    doing: 'start' | 'stop',
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => unknown,
  ): Promise<void> => {
    const limit = deadline(alarms, timeoutMs, signal)
    try {
      await limit.race(`the domain ${name} was to ${doing}`, Promise.resolve(work(limit.signal)))
    } catch (cause) {
      if (signal?.aborted === true) throw signal.reason as Error
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Error(`The domain ${name} did not ${doing}: ${why}`, { cause })
    } finally {
      limit.release()
    }
  }
  return {
    start: (app, signal) =>
      (starting ??= (async () => {
        for (const domain of domains) {
          const { name, start } = domain
          // Also one whose start fails half-way may have something to give back.
          started.push(domain)
          if (start !== undefined)
            await limited(name, 'start', signal, async (ending) => start({ app, signal: ending }))
        }
      })()),
    stop: async () => {
      await starting?.catch(() => undefined)
      let failure: { readonly error: unknown } | undefined
      for (let domain = started.pop(); domain !== undefined; domain = started.pop()) {
        const { name, stop } = domain
        if (stop === undefined) continue
        try {
          await limited(name, 'stop', undefined, async (ending) => stop({ signal: ending }))
        } catch (error) {
          failure ??= { error }
        }
      }
      if (failure !== undefined) throw failure.error
    },
  }
}
