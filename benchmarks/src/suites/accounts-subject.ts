// gesta as a subject of measurement: the accounts app on a store, driven by callers that wait for each answer.
import type { Backend, StartOptions } from '@gesta/core'
import { deposit, depositOf, startAccounts } from '../account.ts'
import { inLanes, timed } from '../measure.ts'
import type { Subject } from '../measure.ts'

/** Read models count: a pass ends when they have caught up. */
export async function accountsSubject(
  store: Backend,
  concurrency: number,
  hasReadModel: boolean,
  options: Omit<StartOptions, 'store'> = {},
): Promise<Subject> {
  const app = await startAccounts(store, hasReadModel, options)
  const command = (index: number): Promise<unknown> => app.dispatch(deposit(depositOf(index)))
  const settle = async (): Promise<void> => {
    if (hasReadModel) await app.caughtUp()
  }
  return {
    run: (first, count) => inLanes(concurrency, first, count, command).then(settle),
    time: (first, count, latenciesUs) =>
      inLanes(concurrency, first, count, timed(latenciesUs, first, command)).then(settle),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
