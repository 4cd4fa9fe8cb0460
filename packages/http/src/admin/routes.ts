// What the admin address serves. Reference: docs/reference/admin.md.
import { isGestaError } from '@gesta/core/host'
import type { Host, ReadModelControl, ReadModels } from '@gesta/core/host'
import type { AppAudit, AppCommandLog, SubscriberStatus } from '@gesta/core'
import { Refusal } from '../problem.ts'
import type { Probes } from '../probes/probes.ts'
import { auditRoutes } from './audit.ts'
import { commandRoutes } from './commands.ts'
import { configRoutes } from './config.ts'
import { act, actOnParked } from './control.ts'
import { bodyOf, flag, optional, readFields, readParameters, text, whole } from './fields.ts'
import { deadline, deadlineMsDefault, within } from './patience.ts'
import type { AdminRoute, Asked, Told } from './route.ts'

/** What operators may see and tell of a started app. */
export interface Administered {
  readonly readModels: ReadModels
  subscribers(): readonly SubscriberStatus[]
  readonly commandLog: AppCommandLog
  readonly audit: AppAudit
}

const filter = {
  tenant: optional(text),
  key: optional(text),
  discarded: optional(flag),
  after: optional(whole(0, Number.MAX_SAFE_INTEGER)),
  limit: optional(whole(1, 10_000)),
}
/** What it takes to look at what handles events, and to steer it. */
const toLook = 'Runtime.EventHandlerList'
const toSteer = 'Runtime.ControlEventHandler'
const verification = { differencesMax: optional(whole(1, 10_000)), deadlineMs: deadline }

export function adminRoutes(app: Administered, host: Host, probes: Probes): readonly AdminRoute[] {
  const { readModels } = app
  return [
    {
      method: 'GET',
      path: '/admin/health',
      permission: 'Runtime.SystemInfo',
      answer: async ({ queryString }) => {
        readParameters(queryString, {})
        return { body: await probes.look() }
      },
    },
    {
      method: 'GET',
      path: '/admin/read-models',
      permission: toLook,
      answer: seen(() => ({ items: readModels.list() })),
    },
    {
      method: 'GET',
      path: '/admin/read-models/{name}',
      permission: toLook,
      answer: seen((name) => readModels.control(name).status()),
    },
    {
      method: 'POST',
      path: '/admin/read-models/{name}',
      permission: toSteer,
      answer: (asked) => act(readModels.control(asked.name), asked),
    },
    {
      method: 'GET',
      path: '/admin/read-models/{name}/parked',
      permission: toLook,
      answer: (asked) => parked(readModels.control(asked.name), asked),
    },
    {
      method: 'POST',
      path: '/admin/read-models/{name}/parked',
      permission: toSteer,
      answer: (asked) => actOnParked(readModels.control(asked.name), asked),
    },
    {
      method: 'POST',
      path: '/admin/read-models/{name}/verify',
      permission: toLook,
      answer: (asked) => verify(readModels, asked),
    },
    {
      method: 'GET',
      path: '/admin/subscribers',
      permission: toLook,
      answer: seen(() => ({ items: app.subscribers() })),
    },
    {
      method: 'GET',
      path: '/admin/command-log',
      permission: 'StoreCommand.Info',
      shows: () => ({ action: 'StoreCommand.Info', resource: 'command' }),
      answer: seen(() => app.commandLog.status),
    },
    ...commandRoutes(app),
    ...auditRoutes(app),
    ...configRoutes(host),
  ]
}

/** An answer that takes no parameters. */
function seen(look: (name: string) => unknown): AdminRoute['answer'] {
  return ({ name, queryString }) => {
    readParameters(queryString, {})
    return { body: look(name) }
  }
}

/** A view that is not there yet is waited for. */
async function parked(control: ReadModelControl, asked: Asked): Promise<Told> {
  const listed = control.parked(readParameters(asked.queryString, filter))
  return { body: { items: await within(listed, asked, 'The view is not there yet. Ask again once it is.') } }
}

/** Ends with its caller's patience: it reads the whole log, and nobody else needs the answer. */
async function verify(readModels: ReadModels, { name, body, hungUp }: Asked): Promise<Told> {
  const { differencesMax, deadlineMs = deadlineMsDefault } = readFields(bodyOf(body), verification)
  try {
    return { body: await readModels.verify(name, { differencesMax, deadlineMs, signal: hungUp }) }
  } catch (error) {
    if (!isGestaError(error, 'deadline_exceeded')) throw error
    throw new Refusal('deadline_exceeded', 'Nothing was changed. Allow more time with deadlineMs.')
  }
}
