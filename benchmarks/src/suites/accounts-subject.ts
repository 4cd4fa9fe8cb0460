// gesta as a subject of measurement: the accounts app on a store, driven by callers that wait for each answer.
import type { Backend, StartOptions } from '@gesta/core'
import { auditedDeposit, deposit, depositOf, startAccounts, startAsking } from '../account.ts'
import { inLanes, timed } from '../measure.ts'
import { memberContext, membersDirectory } from '../members.ts'
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

export interface MembersOptions {
  /** `authorized`: groups must hold the permission of each command. */
  readonly level: 'authorized' | 'anonymous'
  readonly audited?: boolean
}
const memberCount = 64
const contexts = Array.from({ length: memberCount }, (_, number) => ({ context: memberContext(number) }))

/** The same app, whose commands come from 64 members of a tenant in turn. */
export async function membersSubject(
  store: Backend,
  concurrency: number,
  { level, audited = false }: MembersOptions,
): Promise<Subject> {
  const app = await startAsking(level, store, { directory: membersDirectory })
  const message = audited ? auditedDeposit : deposit
  const command = (index: number): Promise<unknown> =>
    app.dispatch(message(depositOf(index)), contexts[index % memberCount])
  return {
    run: (first, count) => inLanes(concurrency, first, count, command),
    time: (first, count, latenciesUs) => inLanes(concurrency, first, count, timed(latenciesUs, first, command)),
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
