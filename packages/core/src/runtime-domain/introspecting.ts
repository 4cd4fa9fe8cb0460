// Handlers that look at the app that they run in: one definition serves many started apps.
import type { AnyContract, Handler } from '../contracts/contract.ts'
import { handle } from '../dispatch/handler.ts'
import type { RunHandler } from '../dispatch/handler.ts'
import type { Introspection, IntrospectingHandler } from './introspection.ts'

type Runnable = AnyContract & { readonly kind: 'command' | 'query' }
export type RunOf<Contract extends Runnable> = Parameters<typeof handle<Contract>>[1]

/** `make` is called once in every app that starts, at the first message. */
export function introspecting<Contract extends Runnable>(
  contract: Contract,
  make: (app: Introspection) => RunOf<Contract>,
): Handler<Contract> {
  const handler = handle(contract, notBound as unknown as RunOf<Contract>)
  const bind: IntrospectingHandler['bind'] = (app) => {
    let run: RunHandler['run'] | undefined
    return (input, context) => {
      run ??= make(app()) as unknown as RunHandler['run']
      return run(input, context)
    }
  }
  return Object.assign(handler, { bind })
}

/** The handler as one app runs it; handlers of other domains stay as they are. */
export function boundHandler(handler: unknown, app: () => Introspection): unknown {
  const { bind } = handler as Partial<IntrospectingHandler>
  return bind === undefined ? handler : { ...(handler as RunHandler), run: bind(app) }
}

const notBound = (): never => {
  throw new Error('A contract of the runtime domain was run without a started app. Start one with start().')
}
