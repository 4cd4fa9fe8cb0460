// What operators tell read models, as a command: allowed and audited before anything happens.
import type { Handler } from '../contracts/contract.ts'
import type { CommandContext } from '../dispatch/handler.ts'
import { GestaError } from '../errors/gesta-error.ts'
import type { ReadModelControl } from '../pump/read-model-status.ts'
import type { EventHandlerRow } from './answers.ts'
import { ControlEventHandler } from './contracts.ts'
import type { ControlInput } from './contracts.ts'
import { readModelRow } from './event-handlers.ts'
import { introspecting } from './introspecting.ts'
import type { Introspection } from './introspection.ts'
import { once } from './once.ts'

export const controlHandler: Handler<typeof ControlEventHandler> = introspecting(ControlEventHandler, (app) =>
  once((input: ControlInput, context: CommandContext) => controlOf(app, input, context)),
)

/** Errors: `read_model_unknown`, `not_restorable`, `permission_denied`; `store_*`, also of the audit log: nothing was done then. */
async function controlOf(
  app: Introspection,
  { eventHandlerName: name, action, restoreFromZero = false }: ControlInput,
  asked: CommandContext,
): Promise<EventHandlerRow> {
  if (app.subscribers().some((subscriber) => subscriber.name === name)) throw notRestorable(name, action)
  const control = app.readModels.control(name)
  const { context: caller } = asked
  const metadata = asked.metadata
  // No commit says that the permission still holds when something is done, so it is looked at here and now.
  await app.permissions.require(caller, ControlEventHandler.type, metadata)
  const reason = action === 'restore' && restoreFromZero ? 'restore from zero' : action
  await app.audit.record(caller, { action: `${ControlEventHandler.type}.Intent`, resource: name, reason }, metadata)
  await tell(control, action, restoreFromZero)
  const domain = app.eventHandlers.find((known) => known.name === name)?.domain ?? ''
  return readModelRow(control.status(), domain)
}

async function tell(control: ReadModelControl, action: ControlInput['action'], fromZero: boolean): Promise<void> {
  if (action !== 'restore') return control[action]()
  // Nobody waits for the end: lists tell how far it is, and what went wrong.
  const { done } = await control.restore({ fromZero })
  done.catch(() => undefined)
}

function notRestorable(name: string, action: string): GestaError {
  return new GestaError(
    'not_restorable',
    `Expected the name of a read model, received the subscriber ${name}, which cannot be told to ${action}: what it did is done. A restart of its process begins it again.`,
    { facts: { eventHandler: name, action } },
  )
}
